// The whole attack answered on the page, passwords in Active Directory (Samba).
//
//   node tests/web/domain_attack_test.mjs build/release/digue [--shots DIR]
import { activeDirectory } from '../integration/directories.mjs';
import { answer } from './lib/attack.mjs';

await answer(activeDirectory);
