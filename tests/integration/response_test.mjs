// A whole response where passwords are in OpenLDAP and Rspamd stands in front of the mail system.
//
//   node tests/integration/response_test.mjs build/release/digue
import { openldap } from './directories.mjs';
import { FilterServer } from './filter_server.mjs';
import { MailServers } from './mail_servers.mjs';
import { respond } from './response.mjs';
import { close, skip } from './workbench.mjs';

const why = MailServers.skipped || openldap.skipped || FilterServer.skipped;
if (why) {
  skip(`a whole response: ${why}`);
  await close();
}

const directory = await openldap.start();
const filter = await FilterServer.start();
await respond('openldap', directory, filter);
await filter.stop();
await directory.stop();
await close();
