# A random life of the ledger: each step is one thing that happens to it, drawn by its weight.
package Life;
use strict;
use warnings;
use JSON::PP;
use List::Util qw(first sum);
use Time::HiRes qw(sleep);
use Session;

use constant { MINUTE => 60, HOUR => 3600, DAY => 86400 };

# Where the program is killed: between a call and its answer, before each commit and after it; see kill_at.c.
my @points = (qw(calling called called), map { ("before $_", "after $_") } qw(begin_run roll_up expire_records freeze_hours
    begin_calls begin_calls settle_calls settle_calls refuse_records end_run));

# What AWS refuses a record for.
my @refusals = qw(InvalidCustomerIdentifierException InvalidLicenseException InvalidUsageDimensionException
    InvalidTagException InvalidUsageAllocationsException);
# What BatchMeterUsage can meet; the answer of some is lost.
my @faults = (
    qw(lost lost lost reset html503 cut drop drop extra slow unprocessed partial shuffled ThrottlingException
        InternalServiceErrorException),
    @refusals, qw(InvalidProductCodeException TimestampOutOfBoundsException DisabledApiException
        AccessDeniedException ServiceUnavailable));

my @steps = (
    [24, use => \&use_some], [3, 'use much' => \&use_much], [2, 'the same key again' => \&use_again],
    [8, begin => \&begin], [7, end => \&end], [3, 'end a prepared one' => \&end_prepared],
    [18, meter => \&meter], [7, 'kill at a point' => \&kill_at], [4, 'kill at some time' => \&kill_sometime],
    [5, 'lost, and then' => \&lost_and_then], [2, 'two meters' => \&two_meters], [2, 'lose the connection' => \&lose_connection],
    [0.4, 'restart PostgreSQL' => \&restart],
    [16, fault => \&fault], [1, throttled => \&rate], [2, settings => \&settings], [2, 'somebody else' => \&somebody_else],
    [14, 'minutes pass' => \&minutes_pass], [4, 'hours pass' => \&hours_pass], [3, 'to an edge' => \&to_an_edge],
    [1, subscribe => \&subscribe], [0.7, 'end a subscription' => \&end_subscription], [2, repair => \&repair],
);

sub any { $_[rand @_] }

# new(STACK, DATABASE, SEED [, HOW, THEN]): a life in which it happens more often that an answer is lost HOW, and THEN
# something else happens; see lost_and_then
sub new {
    my ($class, $stack, $database, $seed, $how, $then) = @_;
    my $self = bless { stack => $stack, database => $database, customers => [], prepared => [], keys => [], done => [],
        ended => { 'life-legacy' => 0, 'life-license' => 0 }, n => 0, how => $how, then => $then }, $class;
    $self->{steps} = [map { [$how && $_->[1] eq 'lost, and then' ? 40 : $_->[0], @$_[1, 2]] } @steps];
    $self->{weight} = sum map { $_->[0] } @{$self->{steps}};
    srand $seed;
    $stack->control(reset => {});
    $self->{session}{$_} = Session->new($database) for qw(main w1 w2 w3);
    $self->main->ask("\\i '$Stack::root/tests/life/life.sql'");
    $stack->set_clock($self->main, 1709024400 + int rand 300 * DAY); # 2024-02-27 09:00 UTC and later
    $self->subscribe for 1 .. 4;
    return $self;
}

sub main { $_[0]{session}{main} }
sub now { $_[0]{stack}->now }

# ---- usage ----

sub event {
    my ($self) = @_;
    my $dimension = any('d1', 'd1', 'd1', 'd2', 'd3', 'inc', rand() < 0.1 ? 'nope' : 'd2');
    my $quantity = any(1, sprintf('%.3f', rand 3), sprintf('%.3f', rand 3), int rand 50, sprintf('-%.2f', rand 4),
        rand() < 0.1 ? '3000000000.5' : 1000);
    my $age = rand any(10 * MINUTE, 90 * MINUTE, 90 * MINUTE, 3 * HOUR, 30 * HOUR, 20 * DAY);
    my $tags = $dimension =~ /^d[12]$/ && rand() < 0.5 ? any(map { "'$_'" } '{"t": "x"}', '{"t": "y"}', '{"u": "x"}',
        '{"v": "1", "w": "1", "x": "1"}', '{"y": "1", "z": "1"}') : 'NULL';
    return sprintf "%d, '%s', %s, to_timestamp(%.3f), %s::jsonb", any(@{$self->{customers}})->{id}, $dimension, $quantity,
        $self->now - $age, $tags;
}

# The statements that write events, and that they were written.
sub written {
    my ($self, $key, @events) = @_;
    my $n = 0;
    return "INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at, tags, idempotency_key) VALUES "
        . join(', ', map { sprintf '(%s, %s)', $_, $key ? "'$key." . $n++ . "'" : 'NULL' } @events)
        . '; INSERT INTO life.used (customer_id, dimension, quantity, used_at, tags) VALUES '
        . join ', ', map { "($_)" } @events;
}

sub some_events { my ($self) = @_; map { $self->event } 0 .. rand 5 }

sub use_some {
    my ($self) = @_;
    my $key = rand() < 0.3 ? 'key' . $self->{n} : undef;
    my $written = $self->written($key, $self->some_events);
    push @{$self->{keys}}, $written if $key;
    $self->main->ask("BEGIN; $written; COMMIT");
}

# A batch of one hour, of all customers.
sub use_much {
    my ($self) = @_;
    my $events = 'SELECT customer_id, any_of, i % 3 * 0.25 + 1, to_timestamp(' . ($self->now - rand 5 * HOUR)
        . ") FROM life.customer, unnest(ARRAY['d1', 'd2', 'd3']) any_of, generate_series(1, " . int(1 + rand 20) . ') i';
    $self->main->ask("BEGIN; INSERT INTO tollgate.usage_event (customer_id, dimension, quantity, used_at) $events;
        INSERT INTO life.used (customer_id, dimension, quantity, used_at) $events; COMMIT");
}

# It is refused, and neither table has it.
sub use_again {
    my ($self) = @_;
    my $written = any(@{$self->{keys}}) or return;
    my $said = $self->main->try("BEGIN; $written; COMMIT");
    die "usage with a known key was not refused: $said\n" unless $said =~ /usage_event_key|older than the product/;
}

# ---- transactions that stay open ----

sub begin {
    my ($self) = @_;
    my $name = any(qw(w1 w2 w3));
    return $self->end($name) if $self->{is_open}{$name};
    $self->{is_open}{$name} = 1;
    $self->{session}{$name}->ask('BEGIN; ' . $self->written(undef, $self->some_events) . '; SAVEPOINT s; '
        . $self->written(undef, $self->some_events) . '; ' . any('ROLLBACK TO s', 'RELEASE s'));
}

sub end {
    my ($self, $name) = @_;
    $name //= any(qw(w1 w2 w3));
    delete $self->{is_open}{$name} or return;
    my $how = any('COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK', @{$self->{prepared}} < 5 ? 'PREPARE TRANSACTION' : ());
    if ($how =~ /PREPARE/) {
        push @{$self->{prepared}}, my $id = "'$self->{database}.$self->{n}'";
        $how .= " $id";
    }
    $self->{session}{$name}->ask($how);
}

sub end_prepared {
    my ($self) = @_;
    my $id = shift @{$self->{prepared}} or return;
    $self->main->ask(any('COMMIT PREPARED', 'COMMIT PREPARED', 'ROLLBACK PREPARED') . " $id");
}

# ---- runs ----

sub options { rand() < 0.05 ? '--no-rollup' : rand() < 0.05 ? ('--product', 'life-legacy') : () }
sub start { my ($self, %env) = @_; $self->{stack}->start($self->{database}, \%env, options()) }

sub meter {
    my ($self) = @_;
    $self->{code} = $self->{stack}->end($self->start);
}

sub kill_at {
    my ($self) = @_;
    my $code = $self->{stack}->end($self->start(KILL_AT => any(@points) . ':' . any(1, 1, 1, 2, 3, 5)));
    $self->{killed}++ if $code == 137;
}

sub kill_sometime {
    my ($self) = @_;
    my $pid = $self->start;
    sleep 0.02 + rand 0.15;
    kill KILL => $pid;
    $self->{killed}++ if $self->{stack}->end($pid) == 137;
}

# AWS takes records, and the meter does not hear of it; before it asks again, something else happens.
sub lost_and_then {
    my ($self) = @_;
    my $stack = $self->{stack};
    $self->use_much;
    $self->pass(90 * MINUTE);
    my $how = $self->{how} // any(qw(kill kill kill lost cut drop));
    if ($how eq 'kill') {
        $stack->end($self->start(KILL_AT => any(qw(called settling)) . ':' . any(1, 1, 2)));
    } else {
        $stack->control(faults => { Action => 'BatchMeterUsage', Fault => $how, Count => 12 });
        $self->meter;
        $stack->clear_faults;
    }
    my $then = $self->{then} // any(qw(end wait repeat refuse));
    $self->pass(any(23.9, 26) * HOUR) if $then eq 'wait';
    $self->end_subscription if $then eq 'end';
    $stack->control(settings => { Repeat => 'DuplicateRecord' }) if $then eq 'repeat';
    $stack->control(faults => { Action => 'BatchMeterUsage', Fault => any(@refusals), Count => 25,
        Match => any(@{$self->{customers}})->{match} }) if $then eq 'refuse';
    $self->meter;
    $stack->clear_faults;
}

sub two_meters {
    my ($self) = @_;
    my @pids = map { $self->start } 1 .. 2;
    my $refused = grep { $self->{stack}->end($_) == 73 } @pids;
    die "both meters found another one under way\n" if $refused > 1;
    $self->{refused} += $refused;
}

sub lose_connection {
    my ($self) = @_;
    my $pid = $self->start;
    sleep 0.03 + rand 0.1;
    $self->main->ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tollgate_meter'");
    $self->{stack}->end($pid);
}

# Open transactions end with it, prepared ones do not.
sub restart {
    my ($self) = @_;
    my $pid = rand() < 0.7 ? $self->start : undef;
    sleep rand 0.1;
    $self->{stack}->restart_database;
    $self->{stack}->end($pid) if $pid;
    $_->connect for values %{$self->{session}};
    $self->{is_open} = {};
}

# ---- AWS ----

sub fault {
    my ($self) = @_;
    my $who = any(@{$self->{customers}});
    my $fault = any(@faults);
    my %match = rand() < 0.5 ? () : rand() < 0.5 ? (Dimension => any('d1', 'd2')) : %{$who->{match}};
    $self->{met}{$fault}++;
    $self->{stack}->control(faults => { Action => 'BatchMeterUsage', Fault => $fault, Count => any(1, 1, 1, 2, 4),
        DelayMs => $fault eq 'slow' || rand() < 0.1 ? 50 + int rand 200 : 0, %match ? (Match => \%match) : () });
}

# A run that AWS throttles.
sub rate {
    my ($self) = @_;
    $self->{stack}->control(rate => { CallsPerSecond => any(5, 10, 20) });
    $self->meter;
    $self->{stack}->control(rate => { CallsPerSecond => 0 });
}

sub settings {
    my ($self) = @_;
    $self->{stack}->control(settings => { any([Repeat => 'Success'], [Repeat => 'Success'], [Repeat => 'DuplicateRecord'],
        [AfterEnd => 'CustomerNotSubscribed'], [AfterEnd => 'InvalidLicenseException'])->@*,
        GraceSeconds => any(0, 3600, 3600) });
}

# Another program of the seller's meters an hour first.
sub somebody_else {
    my ($self) = @_;
    my $who = any(@{$self->{customers}});
    my @members = map { "$_=$who->{names}{$_}" } keys %{$who->{names}};
    my $product = $who->{names}{LicenseArn} ? '' : "--product-code $who->{product}";
    my $records = join ',', 'Dimension=' . any('d1', 'd2'), 'Quantity=' . (700000 + $self->{n} % 99999),
        'Timestamp=' . int($self->now - rand 4 * HOUR), @members;
    system "AWS_MAX_ATTEMPTS=1 $self->{stack}{bin}/tollgate batch-meter-usage $product --usage-records '$records' >/dev/null 2>&1";
}

sub subscribe {
    my ($self) = @_;
    return if @{$self->{customers}} >= 16;
    my $product = any('life-legacy', 'life-license');
    my $is_early = @{$self->{customers}} > 4 && rand() < 0.3; # registered before AWS knows the subscription
    my $token = decode_json($self->{stack}->control(tokens => { ProductCode => $product,
        SubscribedAt => int($self->now + ($is_early ? 4 * HOUR : -80 * DAY)) }));
    my %who = (product => $product, names => $product eq 'life-legacy'
        ? { CustomerIdentifier => $token->{CustomerIdentifier} }
        : { map { $_ => $token->{$_} } qw(CustomerAWSAccountId LicenseArn) });
    $who{match} = { map { /Account/ ? () : ($_ => $who{names}{$_}) } keys %{$who{names}} };
    $who{account} = $token->{CustomerAWSAccountId};
    $who{id} = $self->main->ask(sprintf "INSERT INTO tollgate.customer (product_code, customer_identifier,
        customer_aws_account_id, license_arn, metered_by) VALUES ('%s', %s, '%s', %s, '%s') RETURNING id", $product,
        $product eq 'life-legacy' ? ("'$token->{CustomerIdentifier}'", $who{account}, 'NULL', 'customer_identifier')
        : ('NULL', $who{account}, "'$token->{LicenseArn}'", 'license'));
    $self->main->ask("INSERT INTO life.customer VALUES ($who{id}, " . ($is_early ? 'false' : 'true') . ')');
    push @{$self->{customers}}, \%who;
}

# Four a product at most: of more causes in a row the meter takes the product's setting for wrong.
sub end_subscription {
    my ($self) = @_;
    my $who = any(grep { !$_->{ended} } @{$self->{customers}});
    return if $self->{ended}{$who->{product}} >= 4 || grep({ !$_->{ended} } @{$self->{customers}}) < 3;
    $self->{ended}{$who->{product}}++;
    $who->{ended} = 1;
    $self->{stack}->control(settings => { GraceSeconds => any(0, 0, 3600) });
    $self->{stack}->control('subscriptions/end' => { CustomerAWSAccountId => $who->{account},
        ProductCode => $who->{product} });
    $self->main->ask("UPDATE life.customer SET is_subscribed = false WHERE customer_id = $who->{id}");
    $self->main->ask("SELECT tollgate.end_customer($who->{id}, NULL, 'they left')") if rand() < 0.5;
}

# A person settles what is in doubt, and has refused records tried again.
sub repair {
    my ($self) = @_;
    sleep 0.3; # a call of a killed run may be under way
    $self->main->ask(sprintf "SELECT count(*) FROM life.repair('%s', %d)", $self->records, 1 + rand 5);
}

# ---- time ----

sub pass { my ($self, $seconds) = @_; $self->{stack}->set_clock($self->main, $self->now + $seconds) }
sub minutes_pass { $_[0]->pass(rand 50 * MINUTE) }
sub hours_pass { $_[0]->pass(any(HOUR, HOUR, 3 * HOUR, 5 * HOUR, 23 * HOUR, 26 * HOUR, 49 * HOUR)) }

# To just before or after the end of an hour, a day, a month, or of the month's last call at AWS.
sub to_an_edge {
    my ($self) = @_;
    my $unit = any('hour', 'hour', 'day', 'month', 'month + 6 hours');
    my ($trunc, $more) = split / \+ /, $unit;
    my $to = $self->main->ask("SELECT extract(epoch FROM (date_trunc('$trunc', t) + interval '1 $trunc' + interval '"
        . ($more // '0') . sprintf("') AT TIME ZONE 'UTC') FROM (SELECT to_timestamp(%.3f) AT TIME ZONE 'UTC') n (t)",
            $self->now));
    $to += any(-11 * MINUTE, -30, 5, 61, 10 * MINUTE);
    $self->pass($to - $self->now) if $to > $self->now;
}

# ---- the life ----

sub step {
    my ($self) = @_;
    my $at = rand $self->{weight};
    my $step = first { ($at -= $_->[0]) < 0 } @{$self->{steps}};
    $self->{n}++;
    push @{$self->{done}}, "$self->{n} $step->[1]";
    $self->{happened}{$step->[1]}++;
    $step->[2]->($self);
}

# What AWS honoured, for a statement.
sub records { $_[0]{stack}->control('records') =~ s/'/''/gr }

# What is wrong, or nothing.
sub problems {
    my ($self) = @_;
    return $self->main->ask(sprintf "SELECT * FROM life.problems('%s') LIMIT 10", $self->records);
}

# Nothing more happens but time; what AWS takes is billed.
sub finish {
    my ($self) = @_;
    my $stack = $self->{stack};
    $self->{session}{$_}->ask('COMMIT') for keys %{$self->{is_open}};
    $self->main->ask("COMMIT PREPARED $_") for splice @{$self->{prepared}};
    $stack->clear_faults;
    for (1 .. 4) {
        $stack->run($self->{database}, {});
        $self->pass(20 * HOUR);
    }
    $stack->run($self->{database}, {});
}

# live(STEPS, EVERY): nothing if all goes well; else after which step what was wrong
sub live {
    my ($self, $steps, $every) = @_;
    for my $n (1 .. $steps) {
        $self->step;
        next if $n % $every;
        my $problems = $self->problems;
        return "after step $n:\n$problems" if $problems;
    }
    $self->finish;
    my $problems = $self->problems || $self->main->ask('SELECT * FROM life.unbilled()');
    return $problems && "at the end:\n$problems";
}

sub leave {
    my ($self) = @_;
    $_->leave for values %{$self->{session}};
    Session->new($self->{database})->ask("ROLLBACK PREPARED $_") for splice @{$self->{prepared}};
}

1;
