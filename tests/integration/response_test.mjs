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
Object.assign(directory, {
  kind: 'openldap',
  planted: directory.dn(planted),
  secret: 'digue-secret',
  restless: /^(userPassword|pwdChangedTime|pwdReset|pwdHistory):/,
  plant: () => DirectoryServer.prototype.plant.call(directory, planted, 'Planted-2026', victim),
  admins: () => directory.member(victim),
  lets: (mail, password) => ['in', 'change'].includes(directory.signIn(mail, password)),
});
await respond('openldap', directory, filter);
await filter.stop();
await directory.stop();
await close();
