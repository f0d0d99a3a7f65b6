// The whole attack answered on the page, passwords in OpenLDAP.
//
//   node tests/web/attack_test.mjs build/release/digue [--shots DIR]
import { openldap } from '../integration/directories.mjs';
import { answer } from './lib/attack.mjs';

await answer(openldap);
