-- Makes the sandbox's two products known to Tollgate, as a seller does for a product of their own.
-- What is there already stays as it is; only the link to the sandbox's demo application follows SANDBOX_PORT.
-- psql variable: sandbox_url, without a closing slash. Run by dev/stack.
BEGIN;

INSERT INTO tollgate.product (product_code, name, seller_name, support_email, access_note, form_fields, handoff_url)
VALUES
  ('prod-legacy', 'Orchard Analytics', 'Orchard Software', 'support@orchard.example',
    'We open your workspace within one working day and write to you when it is ready.',
    '[{"name": "company", "label": "Company name", "required": true, "max_length": 120},
      {"name": "phone", "label": "Phone number", "type": "tel",
       "hint": "Only if you would like us to call you about the set-up."},
      {"name": "goals", "label": "What would you like to do with Orchard Analytics?", "type": "multiline",
       "max_length": 1000}]',
    :'sandbox_url' || '/app/handoff'),
  ('prod-license', 'Orchard Vault', 'Orchard Software', 'support@orchard.example',
    'Your vault is ready within five minutes. We send you the address and a first login.',
    '[{"name": "company", "label": "Company name", "required": true, "max_length": 120},
      {"name": "region", "label": "Where should your data be kept?", "required": true, "max_length": 60,
       "hint": "For example: European Union."}]',
    NULL)
ON CONFLICT (product_code) DO NOTHING;

UPDATE tollgate.product SET handoff_url = :'sandbox_url' || '/app/handoff'
WHERE product_code = 'prod-legacy' AND handoff_url ~ '^http://127\.0\.0\.1:[0-9]+/app/handoff$'
  AND handoff_url <> :'sandbox_url' || '/app/handoff';

INSERT INTO tollgate.dimension (product_code, dimension)
SELECT product_code, dimension
FROM (VALUES ('prod-legacy'), ('prod-license')) product (product_code),
  (VALUES ('users'), ('requests'), ('gigabytes')) dimension (dimension)
ON CONFLICT DO NOTHING;

COMMIT;
