// A whole response where passwords are in OpenLDAP and Rspamd stands in front of the mail system.
//
//   node tests/integration/response_test.mjs build/release/digue
import { existsSync } from 'node:fs';

import { DirectoryServer } from './directory_server.mjs';
import { FilterServer } from './filter_server.mjs';
import { MailServers } from './mail_servers.mjs';
import { people, planted, respond, victim } from './response.mjs';
import { close, skip } from './workbench.mjs';

const why = MailServers.skipped || DirectoryServer.skipped || FilterServer.skipped || (existsSync('/usr/lib/dovecot/modules/auth/libauthdb_ldap.so') ? '' : 'dovecot-ldap is not installed');
if (why) {
  skip(`a whole response: ${why}`);
  await close();
}

const directory = await DirectoryServer.start(people);
const filter = await FilterServer.start();
const admins = 'cn=admins,ou=groups,dc=chu,dc=test';
Object.assign(directory, {
  kind: 'openldap',
  planted: directory.dn(planted),
  secret: 'digue-secret',
  restless: /^(userPassword|pwdChangedTime|pwdReset|pwdHistory):/,
  plant: () => directory.change(`dn: ${directory.dn(planted)}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: support2\ncn: support2\nsn: support2\nmail: ${planted}\nuserPassword: Planted-2026\n\n`
    + `dn: ${admins}\nchangetype: modify\nadd: member\nmember: ${directory.dn(planted)}\nmember: ${directory.dn(victim)}\n`),
  admins: () => directory.state().includes(`member: ${directory.dn(victim)}`),
  lets: (mail, password) => ['in', 'change'].includes(directory.signIn(mail, password)),
});
await respond('openldap', directory, filter);
await filter.stop();
await directory.stop();
await close();
