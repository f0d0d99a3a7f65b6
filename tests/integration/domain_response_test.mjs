// A whole response where passwords are in Active Directory: a real Samba behind Dovecot and Postfix.
//
//   node tests/integration/domain_response_test.mjs build/release/digue
import { activeDirectory } from './directories.mjs';
import { MailServers } from './mail_servers.mjs';
import { respond } from './response.mjs';
import { close, skip } from './workbench.mjs';

const why = MailServers.skipped || activeDirectory.skipped;
if (why) {
  skip(`a whole response in Active Directory: ${why}`);
  await close();
}

const domain = await activeDirectory.start();
await respond('active_directory', domain, null);
await domain.stop();
await close();
