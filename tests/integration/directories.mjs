// Directories behind a mail system under attack, in the words that a whole response uses of either kind.
import { existsSync } from 'node:fs';

import { people, victim } from './attack.mjs';
import { DirectoryServer } from './directory_server.mjs';
import { DomainServer } from './domain_server.mjs';

export const planted = 'support2@chu.test';
const plantedSecret = 'Planted-2026';
const missing = existsSync('/usr/lib/dovecot/modules/auth/libauthdb_ldap.so') ? '' : 'dovecot-ldap is not installed';
const short = (mail) => mail.split('@')[0];

/**
 * Running, with the planted account still to come: `kind` and `secret` of its connector; `plant()`; `planted`, the DN of that account; `lets(mail,
 * password)`, of the planted one when none is given; `admins()`, whether the victim is shown among the administrators; `restless`, what a new
 * password changes in `state()`.
 */
export const openldap = {
  skipped: DirectoryServer.skipped || missing,
  async start() {
    const server = await DirectoryServer.start(people);
    return Object.assign(server, {
      kind: 'openldap',
      secret: 'digue-secret',
      planted: server.dn(planted),
      restless: /^(userPassword|pwdChangedTime|pwdReset|pwdHistory):/,
      plant: () => DirectoryServer.prototype.plant.call(server, planted, plantedSecret, victim),
      admins: () => server.member(victim),
      lets: (mail = planted, password = plantedSecret) => ['in', 'change'].includes(server.signIn(mail, password)),
    });
  },
};

export const activeDirectory = {
  skipped: DomainServer.skipped || missing,
  async start() {
    const server = await DomainServer.start();
    for (const [mail, password] of Object.entries(people)) server.user(short(mail), password);
    const admins = 'CN=Domain Admins,CN=Users,DC=chu,DC=test';
    return Object.assign(server, {
      kind: 'active_directory',
      secret: 'Adm1n-Passw0rd!',
      planted: server.dn(short(planted)).toLowerCase(),
      restless: /^pwdLastSet:/,
      plant() {
        server.user(short(planted), plantedSecret);
        server.change(`dn: ${admins}\nchangetype: modify\nadd: member\nmember: ${server.dn(short(planted))}\nmember: ${server.dn(short(victim))}\n`);
      },
      admins: () => server.state().includes(`member: ${server.dn(short(victim))}`),
      lets: (mail = planted, password = plantedSecret) => server.signIn(short(mail), password) === 'in',
    });
  },
};
