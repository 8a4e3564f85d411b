#!/usr/bin/env python3
"""judge-bill.py FILE…: CycloneDX's own schema judges bills of materials. Needs what `setup bills` brings."""

import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

for name in sys.argv[1:]:
    with open(name) as bill:
        wrong = JsonStrictValidator(SchemaVersion.V1_5).validate_str(bill.read())
    if wrong:
        sys.exit(f"{name}: {wrong}"[:2000])
