-- The one place that says what AWS's codes mean for people, and what our own mean, which are in
-- small letters. tests/desk.t fails where aws/ knows a code that is not here.
CREATE OR REPLACE FUNCTION tollgate.list_reasons()
  RETURNS TABLE (no bigint, code text, reason text, to_do text, when_refused text)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
  BEGIN ATOMIC
    SELECT row_number() OVER (), c, r.reason, r.to_do, r.when_refused FROM (VALUES
      -- ---- what AWS says of a record ----
      (ARRAY['Success'], 'AWS honoured it.', NULL, NULL),
      (ARRAY['DuplicateRecord'],
        'AWS has another quantity for this customer, dimension and hour, which some other program '
          'sent. The first one stands, ours was dropped.',
        'Find the other program, and stop it from metering this product.',
        'Look up in AWS''s usage report what stands for the hour. '
          'book_shortfall(record, honoured, reason) bills the rest in an open hour.'),
      (ARRAY['CustomerNotSubscribed'],
        'AWS has no running subscription of this customer to the product: it has not begun yet, is '
          'over, or the account is suspended.',
        'Look at :customer, and for the agreement in the AWS Marketplace portal. Each run tries '
          'again what is not refused.',
        'Subscribed again: retry_record(record, reason). Over before that hour: '
          'write_off_record(record, reason).'),
      (ARRAY['unconfirmed'],
        'An answer was lost, and since then AWS says that it has another quantity for this hour. '
          'Perhaps it is ours.',
        'Look up in AWS''s usage report what stands for the hour, then '
          'settle_record(record, honoured, reason).', NULL),
      (ARRAY['unknown'],
        'AWS may have honoured it, and will not say any more: an answer was lost, and its time is '
          'over or the subscription is.',
        'Look up in AWS''s usage report what stands for the hour, then '
          'settle_record(record, honoured, reason).', NULL),
      (ARRAY['InvalidCustomerIdentifierException'],
        'AWS does not know the customer''s identifier or account for this product.',
        'Compare :customer with the agreement in the AWS Marketplace portal. Is the product the '
          'right one? If need be, let the buyer press "Set up your account" there again.',
        'Mended: retry_record(record, reason). Nobody''s: write_off_record(record, reason).'),
      (ARRAY['InvalidLicenseException'],
        'AWS does not take the license: it is not this customer''s, not of this product, or was '
          'not active when the usage was.',
        'Compare :customer with the agreement in the AWS Marketplace portal. A renewed one has '
          'another license: let the buyer press "Set up your account" there again.',
        'Mended: retry_record(record, reason). Used after the end: '
          'write_off_record(record, reason).'),
      (ARRAY['InvalidUsageDimensionException'],
        'The listing has no dimension of this name; small and capital letters differ.',
        'Add it to the listing, or correct what your app reports from now on.',
        'Added: retry_record(record, reason). Named otherwise: '
          'remap_record(record, dimension, reason).'),
      (ARRAY['InvalidTagException'],
        'AWS does not take the tags.',
        'Let your app report other ones: letters, digits, blanks and + - = . _ : / @, five keys.',
        'Report the units again with other tags, then write_off_record(record, reason).'),
      (ARRAY['InvalidUsageAllocationsException'],
        'AWS says that the shares of the tags do not add up to the quantity, or that two have the '
          'same tags.',
        'A bug: please report it, with AWS''s request id.',
        'Mended: retry_record(record, reason).'),
      (ARRAY['TimestampOutOfBoundsException'],
        'AWS finds the time too old or in the future, and this database does not.',
        'Set the clocks right (NTP). Does TOLLGATE_API_EDITION fit?',
        'Mended: retry_record(record, reason).'),
      (ARRAY['CustomerNotEntitledException'],
        'The buyer has no subscription to this product, or it is over.',
        'Look at :customer, and for the agreement in the AWS Marketplace portal.',
        'Subscribed: retry_record(record, reason). Else: write_off_record(record, reason).'),
      (ARRAY['InvalidParameterCombination', 'InvalidParameterValue',
          'MalformedHttpRequestException', 'MissingParameter',
          'RequestEntityTooLargeException', 'SerializationException',
          'ValidationError', 'ValidationException'],
        'AWS finds the request malformed.',
        'Does TOLLGATE_API_EDITION fit? If it does, this is a bug: please report it, with AWS''s '
          'request id.',
        'Mended: retry_record(record, reason).'),
      (ARRAY['unsendable'],
        'It breaks a limit of AWS''s API, and was not sent.',
        'The log has the limit (event=call_failed). Does TOLLGATE_API_EDITION fit?',
        'Mended: retry_record(record, reason). Else: write_off_record(record, reason).'),
      -- ---- what AWS says of the settings ----
      (ARRAY['InvalidProductCodeException'],
        'AWS does not know the product code in the account that was used.',
        'Compare :products with the listing, and use the account that lists it: AWS credentials, '
          'or the product''s aws_role_arn. Records keep the role that they were frozen with: then '
          'redirect_records(customer, reason) lets a later hour bill them.', NULL),
      (ARRAY['AccessDenied', 'AccessDeniedException', 'NotAuthorized', 'UnauthorizedException'],
        'The AWS identity may not meter.',
        'Allow aws-marketplace:BatchMeterUsage to it, in the account that lists the product.',
        NULL),
      (ARRAY['OptInRequired'],
        'The AWS account is not signed up for AWS Marketplace.',
        'Use the account that lists the product.', NULL),
      (ARRAY['DisabledApiException'],
        'AWS Marketplace does not take this call in the region.',
        'Set AWS_REGION, or the product''s aws_region, to one where it does, such as us-east-1. '
          'Customers who were metered keep theirs: change_region(customer, region, reason) for '
          'each of these. Records keep it too: then redirect_records(customer, reason) lets a '
          'later hour bill them.', NULL),
      (ARRAY['AuthFailure', 'IncompleteSignature', 'InvalidClientTokenId',
          'InvalidSignatureException', 'SignatureDoesNotMatch', 'UnrecognizedClientException'],
        'AWS does not accept the access key.',
        'Check key and secret; tollgate doctor does.', NULL),
      (ARRAY['ExpiredToken', 'ExpiredTokenException'],
        'The session of the AWS credentials is over.',
        'Renew them; tollgate doctor shows where they come from.', NULL),
      (ARRAY['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed'],
        'AWS finds the request signed too early or too late.',
        'Set this machine''s clock right (NTP).', NULL),
      (ARRAY['MissingAuthenticationToken', 'MissingAuthenticationTokenException'],
        'The request came to AWS without its signature.',
        'Something on the way, such as a proxy, takes the Authorization header off.', NULL),
      (ARRAY['InvalidAction', 'InvalidQueryParameter', 'MalformedQueryString', 'MissingAction',
          'UnknownOperationException'],
        'What answers is not AWS Marketplace''s metering service.',
        'Check AWS_ENDPOINT_URL_MARKETPLACE_METERING.', NULL),
      -- ---- AWS's troubles: to_do is null, for the next run is the cure ----
      (ARRAY['BandwidthLimitExceeded', 'EC2ThrottledException', 'LimitExceededException',
          'PriorRequestNotComplete', 'ProvisionedThroughputExceededException',
          'RequestLimitExceeded', 'RequestThrottled', 'RequestThrottledException', 'SlowDown',
          'ThrottledException', 'Throttling', 'ThrottlingException', 'TooManyRequestsException',
          'TransactionInProgressException'],
        'AWS had too many calls just then. The next run sends it again.', NULL, NULL),
      (ARRAY['IDPCommunicationError', 'InternalError', 'InternalFailure',
          'InternalServerErrorException', 'InternalServiceErrorException',
          'RequestAbortedException', 'RequestTimeout', 'RequestTimeoutException',
          'ServiceUnavailable', 'ServiceUnavailableException'],
        'AWS had trouble. The next run sends it again, as it is.', NULL, NULL),
      -- ---- our own ----
      (ARRAY['lost'],
        'The run was killed before it could note AWS''s answer. The next run sends it again, '
          'as it is.', NULL, NULL),
      (ARRAY['restored'],
        'The ledger is a copy that was adopted, and the original may have sent it meanwhile.',
        'Look up in AWS''s usage report what stands for the hour, then '
          'settle_record(record, honoured, reason).', NULL),
      (ARRAY['no answer'],
        'AWS''s answer was lost, or did not name it. The next run sends it again, as it is.',
        NULL, NULL),
      (ARRAY['unprocessed'],
        'AWS did not get to it, or it was not sent: no credentials, no connection. The log of the '
          'run says which. The next run sends it again.', NULL, NULL),
      (ARRAY['to be sent'],
        'Frozen, and not sent yet. The next run does.', NULL, NULL),
      (ARRAY['in a call'],
        'Being sent just now; or the run was killed, and the next one sends it again.', NULL, NULL),
      (ARRAY['next run'],
        'Its hour is over. The next run bills it.', NULL, NULL),
      (ARRAY['running hour'],
        'Its hour is not over; AWS keeps the first quantity of an hour.', NULL, NULL),
      (ARRAY['late'],
        'It came after its hour was billed. It goes into the hour that runs.', NULL, NULL),
      (ARRAY['fraction'],
        'Less than one unit. It joins the next usage that makes one whole.', NULL, NULL),
      (ARRAY['negative'],
        'Corrections are more than what was used. They reduce the next usage.', NULL, NULL),
      (ARRAY['no account'],
        'The customer has a license and no AWS account id, and AWS wants both.',
        'Let the buyer press "Set up your account" in AWS Marketplace again: AWS then names the '
          'account.', NULL),
      (ARRAY['last call'],
        'The subscription has ended. The next run sends the last of it, if it comes in time.', NULL,
        NULL),
      (ARRAY['ended'],
        'The subscription is over, and AWS takes no more.',
        'Subscribed again: resume_customer(customer, reason). Else: '
          'write_off_waiting(customer, dimension, reason); the next run does so with less than a '
          'unit.',
        NULL),
      (ARRAY['not_sent'],
        'The call was not made, since the state file could not be written. The next run sends it.',
        NULL, NULL))
      r (codes, reason, to_do, when_refused), unnest(r.codes) c;
  END;
COMMENT ON FUNCTION tollgate.list_reasons() IS
  'For each code of AWS''s, and of our own: a number for lists, what it means, what to do about '
  'the cause (null: nothing), and what to do then about a record that was refused for it';
