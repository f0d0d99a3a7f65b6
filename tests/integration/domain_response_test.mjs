// A whole response where passwords are in Active Directory: a real Samba behind Dovecot and Postfix.
//
//   node tests/integration/domain_response_test.mjs build/release/digue
import { existsSync } from 'node:fs';

import { DomainServer } from './domain_server.mjs';
import { MailServers } from './mail_servers.mjs';
import { people, planted, respond, victim } from './response.mjs';
import { close, skip } from './workbench.mjs';

const why = MailServers.skipped || DomainServer.skipped || (existsSync('/usr/lib/dovecot/modules/auth/libauthdb_ldap.so') ? '' : 'dovecot-ldap is not installed');
if (why) {
  skip(`a whole response in Active Directory: ${why}`);
  await close();
}

const domain = await DomainServer.start();
const short = (mail) => mail.split('@')[0];
for (const [mail, password] of Object.entries(people)) domain.user(short(mail), password);
const admins = 'CN=Domain Admins,CN=Users,DC=chu,DC=test';
Object.assign(domain, {
  kind: 'active_directory',
  planted: domain.dn(short(planted)).toLowerCase(),
  secret: 'Adm1n-Passw0rd!',
  restless: /^pwdLastSet:/,
  plant() {
    domain.user(short(planted), 'Planted-2026');
    domain.change(`dn: ${admins}\nchangetype: modify\nadd: member\nmember: ${domain.dn(short(planted))}\nmember: ${domain.dn(short(victim))}\n`);
  },
  admins: () => domain.state().includes(`member: ${domain.dn(short(victim))}`),
  lets: (mail, password) => domain.signIn(short(mail), password) === 'in',
});
await respond('active_directory', domain, null);
await domain.stop();
await close();
