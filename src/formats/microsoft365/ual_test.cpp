#include <doctest/doctest.h>

#include "formats/microsoft365/testing.hpp"

using namespace digue;
using namespace digue::formats;
using testing::record;
using testing::Trial;

TEST_CASE("ual: sign-ins take their outcome from operation and error number, never from ResultStatus") {
  const auto outcome = [](std::string_view operation, std::string_view more) {
    return Trial().json(microsoft365_ual, record(operation, 15, more)).event().outcome;
  };
  CHECK(outcome("UserLoginFailed", R"("ResultStatus":"Success","ErrorNumber":"50126","LogonError":"InvalidUserNameOrPassword")") ==
        Outcome::failure);
  CHECK(outcome("UserLoginFailed", R"("ResultStatus":"Success","LogonError":"InvalidUserNameOrPassword")") == Outcome::failure);
  CHECK(outcome("UserLoginFailed", R"("ResultStatus":"Success","ErrorNumber":"500121")") == Outcome::failure);
  CHECK(outcome("UserLoginFailed", R"("ErrorNumber":50053)") == Outcome::failure);
  CHECK(outcome("UserLoginFailed", R"("ErrorNumber":"0")") == Outcome::failure);
  CHECK(outcome("UserLoggedIn", R"("ResultStatus":"Failed","ErrorNumber":"0")") == Outcome::success);
  CHECK(outcome("UserLoggedIn", R"("ResultStatus":"Success")") == Outcome::success);
  for (const char* code : {"50055", "50058", "50072", "50074", "50140", "65001", "16000"}) {
    CAPTURE(code);
    CHECK(outcome("UserLoginFailed", R"("ResultStatus":"Failed","ErrorNumber":")" + std::string(code) + "\"") == Outcome::interrupted);
  }
  CHECK(outcome("UserLoginFailed", R"("LogonError":"UserStrongAuthClientAuthNRequiredInterrupt")") == Outcome::interrupted);
}

TEST_CASE("ual: a sign-in with its bags, and its identity shared with Entra's log") {
  Trial t;
  t.json(microsoft365_ual, record("UserLoggedIn", 15, R"("ResultStatus":"Success","ClientIP":"2001:db8:51::7","ExtendedProperties":[
      {"Name":"ResultStatusDetail","Value":"Redirect"},{"Name":"UserAgent","Value":"Mozilla\/5.0 (X11; Linux) axios\/1.7"},
      {"Name":"UserAuthenticationMethod","Value":"4"},{"Name":"RequestType","Value":"OAuth2:Authorize"}],
      "DeviceProperties":[{"Name":"OS","Value":"Linux"},{"Name":"BrowserType","Value":"Chrome"},{"Name":"SessionId","Value":"s-device"}],
      "ActorIpAddress":"2001:db8:51::7","ApplicationId":"4765445b-32c6-49b0-83e6-1d93765276ca","ErrorNumber":"0")",
                                  "AbCdEf01-0000-0000-0000-000000000000"));
  REQUIRE(t.parsed.status == Status::event);
  CHECK(t.event().activity == Activity::sign_in);
  CHECK(t.event().account == "claire.martin@ch-exemple.fr");
  CHECK(t.event().operation == "UserLoggedIn");
  CHECK(t.event().time == 1772486045000000);  // date -ud 2026-03-02T21:14:05Z +%s
  CHECK(t.event().basis == TimeBasis::utc);
  CHECK(t.ip() == "2001:db8:51::7");
  CHECK(t[Field::user_agent] == "Mozilla/5.0 (X11; Linux) axios/1.7");
  CHECK(t[Field::os] == "Linux");
  CHECK(t[Field::browser] == "Chrome");
  CHECK(t[Field::session] == "s-device");
  CHECK(t[Field::app_id] == "4765445b-32c6-49b0-83e6-1d93765276ca");
  CHECK(t[Field::auth_protocol] == "OAuth2:Authorize");
  CHECK(t.event().own_id);
  CHECK(t.event().uid == "AbCdEf01-0000-0000-0000-000000000000");

  Trial entra;
  entra.json(entra_signin, R"({"id":"abcdef01-0000-0000-0000-000000000000","createdDateTime":"2026-03-02T21:14:05Z",
      "userPrincipalName":"claire.martin@ch-exemple.fr","ipAddress":"2001:db8:51::7","status":{"errorCode":0}})");
  REQUIRE(entra.parsed.status == Status::event);
  CHECK(entra.event().id == t.event().id);
}

TEST_CASE("ual: identity is the record's Id whatever its case, and its text without one") {
  const auto id = [](const std::string& text) { return Trial().json(microsoft365_ual, text).event().id; };
  CHECK(id(record("Send", 2, "", "AAAAAAAA-0000-0000-0000-000000000000")) ==
        id(record("Create", 2, "", "aaaaaaaa-0000-0000-0000-000000000000")));
  const std::string without = R"({"CreationTime":"2026-03-02T21:14:05","Operation":"Send","RecordType":2,"UserId":"a@ch-exemple.fr"})";
  const std::string other = R"({"CreationTime":"2026-03-02T21:14:06","Operation":"Send","RecordType":2,"UserId":"a@ch-exemple.fr"})";
  CHECK_FALSE(Trial().json(microsoft365_ual, without).event().own_id);
  CHECK(id(without) == id(without));
  CHECK(id(without) != id(other));
}

TEST_CASE("ual: the client address in its three places, and none for Microsoft's own in directory records") {
  const auto ip = [](int type, std::string_view more) { return Trial().json(microsoft365_ual, record("Update", type, more)).ip(); };
  CHECK(ip(2, R"("ClientIP":"[2001:db8::5]:54809")") == "2001:db8::5");
  CHECK(ip(2, R"("ClientIPAddress":"::ffff:198.51.100.4")") == "198.51.100.4");
  CHECK(ip(2, R"("ClientIP":"","ClientIPAddress":{},"ActorIpAddress":"198.51.100.4")") == "198.51.100.4");
  CHECK(ip(2, R"("ClientIP":"null")") == "none");
  CHECK(ip(2, R"("ClientIP":null)") == "none");
  CHECK(ip(2, R"("ClientIPAddress":"[PR3P192MB0001]")") == "none");
  CHECK(ip(8, R"("ClientIP":"198.51.100.4","ActorIpAddress":"198.51.100.4")") == "none");
}

TEST_CASE("ual: session from its three places in order") {
  const std::string device = R"("DeviceProperties":[{"Name":"SessionId","Value":"third"}])";
  const std::string context = R"("AppAccessContext":{"AADSessionId":"second","UniqueTokenId":"tok","ClientAppId":"app"})";
  CHECK(Trial().json(microsoft365_ual, record("Send", 2, device))[Field::session] == "third");
  CHECK(Trial().json(microsoft365_ual, record("Send", 2, device + "," + context))[Field::session] == "second");
  const std::string all = device + "," + context + R"(,"SessionId":"first")";
  CHECK(Trial().json(microsoft365_ual, record("Send", 2, all))[Field::session] == "first");
  CHECK(Trial().json(microsoft365_ual, record("Send", 2, all))[Field::token] == "tok");
}

TEST_CASE("ual: mail read, one by one or a whole folder") {
  Trial bind;
  bind.json(microsoft365_ual, record("MailItemsAccessed", 50,
                                     R"("ResultStatus":"Succeeded","ClientIPAddress":"198.51.100.8","ClientInfoString":"Client=REST;;",
      "MailboxOwnerUPN":"Direction@ch-exemple.fr","LogonType":2,"ExternalAccess":false,"AppId":"00000003-0000-0000-c000-000000000000",
      "ClientAppId":"5a95e683-0000-0000-0000-000000000000","OriginatingServer":"PR3P192MB0001 (15.20.4200.000)\r\n",
      "OperationProperties":[{"Name":"MailAccessType","Value":"Bind"},{"Name":"IsThrottled","Value":"True"}],"OperationCount":2,
      "Folders":[{"FolderItems":[{"InternetMessageId":"<a@ch-exemple.fr>","SizeInBytes":10},{"InternetMessageId":"<b@ch-exemple.fr>","SizeInBytes":32}],
      "Id":"x","Path":"\\Boîte de réception"}])"));
  CHECK(bind.event().activity == Activity::mail_read);
  CHECK(bind[Field::access_type] == "bind");
  CHECK(bind[Field::throttled] == "true");
  CHECK(bind[Field::count] == "2");
  CHECK(bind[Field::bytes] == "42");
  CHECK(bind[Field::message_id] == "<a@ch-exemple.fr> <b@ch-exemple.fr>");
  CHECK(bind[Field::folder] == "\\Boîte de réception");
  CHECK(bind[Field::target] == "direction@ch-exemple.fr");
  CHECK(bind[Field::logon_type] == "delegate");
  CHECK(bind[Field::app_id] == "5a95e683-0000-0000-0000-000000000000");
  CHECK(bind[Field::client] == "Client=REST;;");
  CHECK(bind[Field::external] == "false");

  Trial sync;
  sync.json(microsoft365_ual, record("MailItemsAccessed", 2, R"("OperationProperties":[{"Name":"MailAccessType","Value":"Sync"}],
      "Item":{"Id":"x","ParentFolder":{"Id":"y","Path":"\\Éléments supprimés"}},"MailboxOwnerUPN":"claire.martin@ch-exemple.fr")"));
  CHECK(sync.event().activity == Activity::mail_sync);
  CHECK(sync[Field::folder] == "\\Éléments supprimés");
  CHECK(sync[Field::target] == "");
}

TEST_CASE("ual: mail sent, moved and deleted") {
  Trial send;
  send.json(microsoft365_ual,
            record("SendAs", 2, R"j("SendAsUserSmtp":"Accueil@ch-exemple.fr","ClientInfoString":"Client=OWA;Mozilla/5.0 (X11)",
      "Item":{"Id":"x","InternetMessageId":"<s@ch-exemple.fr>","Subject":"Votre dossier \ud83d","SizeInBytes":4096,"ParentFolder":{"Path":"\\Brouillons"}})j"));
  CHECK(send.event().activity == Activity::mail_send);
  CHECK(send[Field::subject] == "Votre dossier \xef\xbf\xbd");
  CHECK(send[Field::message_id] == "<s@ch-exemple.fr>");
  CHECK(send[Field::bytes] == "4096");
  CHECK(send[Field::sender] == "accueil@ch-exemple.fr");
  CHECK(send[Field::user_agent] == "Mozilla/5.0 (X11)");

  const std::string items = R"("Folder":{"Path":"\\Boîte d'envoi"},"DestFolder":{"Path":"\\Flux RSS"},"AffectedItems":[
      {"Id":"1","InternetMessageId":"<1@x>","Subject":"Alerte","ParentFolder":{"Path":"\\A"}},
      {"Id":"2","InternetMessageId":"<2@x>","Subject":"Alerte"},{"Id":"3","Subject":"MFA"}])";
  const auto activity = [&](std::string_view name) { return Trial().json(microsoft365_ual, record(name, 3, items)).event().activity; };
  CHECK(activity("HardDelete") == Activity::mail_purge);
  CHECK(activity("SoftDelete") == Activity::mail_delete);
  CHECK(activity("MoveToDeletedItems") == Activity::mail_delete);
  CHECK(activity("Move") == Activity::mail_move);
  CHECK(activity("Create") == Activity::mail_create);
  CHECK(activity("Update") == Activity::mail_update);
  Trial move;
  move.json(microsoft365_ual, record("Move", 3, items));
  CHECK(move[Field::count] == "3");
  CHECK(move[Field::subject] == "Alerte\nMFA");
  CHECK(move[Field::message_id] == "<1@x> <2@x>");
  CHECK(move[Field::folder] == "\\Boîte d'envoi");
  CHECK(move[Field::dest_folder] == "\\Flux RSS");
}

TEST_CASE("ual: files and sharing") {
  const auto activity = [](std::string_view name) { return Trial().json(microsoft365_ual, record(name, 6, "")).event().activity; };
  CHECK(activity("FileAccessed") == Activity::file_access);
  CHECK(activity("FileDownloaded") == Activity::file_download);
  CHECK(activity("FileSyncDownloadedFull") == Activity::file_download);
  CHECK(activity("FileUploaded") == Activity::file_upload);
  CHECK(activity("FileDeleted") == Activity::file_delete);
  CHECK(activity("AnonymousLinkCreated") == Activity::file_share);
  CHECK(activity("SharingSet") == Activity::file_share);
  CHECK(activity("SearchQueryPerformed") == Activity::mail_search);
  CHECK(activity("TeamsSessionStarted") == Activity::other);
  Trial t;
  t.json(microsoft365_ual,
         record("FileDownloaded", 6, R"("SourceFileName":"Patients 2026.xlsx","SiteUrl":"https:\/\/exemple-my.sharepoint.com\/",
      "FileSizeBytes":"1048576","UserAgent":"rclone/1.62","ClientIP":"192.0.2.44")"));
  CHECK(t[Field::file_name] == "Patients 2026.xlsx");
  CHECK(t[Field::site] == "https://exemple-my.sharepoint.com/");
  CHECK(t[Field::bytes] == "1048576");
  CHECK(t[Field::user_agent] == "rclone/1.62");
}

TEST_CASE("ual: services of the platform itself are marked") {
  const auto system = [](std::string_view user, std::string_view type) {
    return std::string(Trial().json(
        microsoft365_ual, R"({"CreationTime":"2026-03-02T21:14:05","Id":"x","Operation":"Set-Mailbox","RecordType":1,"UserType":)" +
                              std::string(type) + R"(,"UserId":")" + std::string(user) + "\"}")[Field::system_actor]);
  };
  CHECK(system(R"(nt Authority\\SYSTEM (Microsoft.Exchange.ServiceHost))", "0") == "true");
  CHECK(system("NT AUTHORITY\\\\SYSTEM (w3wp)", "3") == "true");
  CHECK(system("ServicePrincipal_1", "\"4\"") == "true");
  CHECK(system("claire.martin@ch-exemple.fr", "2") == "");
}

TEST_CASE("ual: accounts are written alike") {
  const auto account = [](std::string_view user) {
    Trial t;
    t.json(microsoft365_ual,
           R"({"CreationTime":"2026-03-02 21:14:05","Id":"x","Operation":"FileAccessed","UserId":")" + std::string(user) + "\"}\r\n");
    CHECK(t.parsed.status == Status::event);
    return std::string(t.event().account);
  };
  CHECK(account("Claire.Martin@CH-Exemple.fr") == "claire.martin@ch-exemple.fr");
  CHECK(account(" claire.martin@ch-exemple.fr ") == "claire.martin@ch-exemple.fr");
  CHECK(account("i:0#.f|membership|Claire.Martin@ch-exemple.fr") == "claire.martin@ch-exemple.fr");
  CHECK(account("Not Available") == "");
  CHECK(account("ServicePrincipal_AB") == "serviceprincipal_ab");
}

TEST_CASE("ual: key order, doubled keys, numbers as texts and odd types change nothing") {
  Trial t;
  t.json(microsoft365_ual,
         R"({"Parameters":[{"Value":"True","Name":"DeleteMessage"}],"QueryTime":1,"QueryTime":2,"UserId":"a@ch-exemple.fr","UserId":"",
      "ClientIP":{},"ObjectId":"","RecordType":"1","Operation":"New-InboxRule","Id":"i","ErrorNumber":{},"OperationProperties":"","Folders":{},
      "AppAccessContext":null,"CreationTime":"2026-03-02T21:14:05","ExtendedProperties":{"UserAgent":"curl"},"ModifiedProperties":[1,null,[],{}]})");
  REQUIRE(t.parsed.status == Status::event);
  CHECK(t.event().activity == Activity::rule_create);
  CHECK(t[Field::rule_action] == "delete");
  CHECK(t.event().account == "a@ch-exemple.fr");
  CHECK(t[Field::user_agent] == "curl");
}

TEST_CASE("ual: wrappers of PowerShell and Graph, AuditData as object or text") {
  const std::string inner =
      R"({"CreationTime":"2026-03-02T21:14:05","Id":"In-1","Operation":"Set-Mailbox","RecordType":1,"UserId":"a@ch-exemple.fr"})";
  std::string quoted = inner;
  for (std::size_t at = 0; (at = quoted.find('"', at)) != std::string::npos; at += 2) quoted.insert(at, 1, '\\');
  const Id128 id = Trial().json(microsoft365_ual, inner).event().id;
  const auto same = [&](const std::string& text) {
    Trial t;
    t.json(microsoft365_ual, text);
    CHECK(t.parsed.status == Status::event);
    CHECK(t.event().account == "a@ch-exemple.fr");
    CHECK(t.event().operation == "Set-Mailbox");
    return t.event().id == id;
  };
  CHECK(same(R"({"RecordType":"ExchangeAdmin","CreationDate":"\/Date(1728344797000)\/","UserIds":"b@x","Operations":"Other","AuditData":)" +
             inner + R"(,"ResultIndex":2,"ResultCount":44,"Identity":"In-1","IsValid":true})"));
  CHECK(same(R"({"RecordType":"ExchangeAdmin","CreationDate":"x","AuditData":")" + quoted + R"(","Identity":"In-1"})"));
  CHECK(same(
      R"({"@odata.type":"#x","id":"query","createdDateTime":"2026-03-02T21:14:05Z","auditLogRecordType":"exchangeAdmin","operation":"other",
      "userId":"other","clientIp":"192.0.2.1","auditData":)" +
      inner + R"(,"objectId":"z","userPrincipalName":"c"})"));
  CHECK(same(R"({"auditData":)" + inner + R"(,"operation":"other","userId":"other","id":"query"})"));

  const auto reason = [](std::string_view text) { return std::string(Trial().json(microsoft365_ual, text).parsed.reason); };
  CHECK(reason(R"({"AuditData":"{\"CreationTime\":\"2026-03-02T21:1","Identity":"x"})").starts_with("invalid JSON"));
  CHECK(reason(R"({"AuditData":null,"UserIds":"x","Operations":"y"})") == "a wrapper without AuditData");
  Trial nested;  // AuditData inside AuditData is only text
  nested.json(microsoft365_ual,
              R"({"AuditData":{"AuditData":{"AuditData":{"Operation":"x"}},"CreationTime":"2026-03-02T21:14:05","Operation":"Send"}})");
  CHECK(nested.event().operation == "Send");
}

TEST_CASE("ual: Log Analytics columns, bags as JSON text") {
  Trial t;
  t.json(microsoft365_ual,
         R"({"TenantId":"t","RecordType":"50","TimeGenerated":"2026-03-02T21:14:05Z","Operation":"MailItemsAccessed","UserType":"Regular",
      "OfficeWorkload":"Exchange","ResultStatus":"Succeeded","UserId":"A@ch-exemple.fr","UserId_":"A@ch-exemple.fr","Logon_Type":"Owner",
      "Client_IPAddress":"192.0.2.4","OfficeId":"I-9","Type":"OfficeActivity",
      "Folders":"[{\"FolderItems\":[{\"InternetMessageId\":\"\u003ca@x\u003e\"}],\"Path\":\"\\\\Inbox\"}]",
      "OperationProperties":"[{\"Name\":\"MailAccessType\",\"Value\":\"Bind\"}]"})");
  REQUIRE(t.parsed.status == Status::event);
  CHECK(t[Field::access_type] == "bind");
  CHECK(t[Field::message_id] == "<a@x>");
  CHECK(t[Field::folder] == "\\Inbox");
  CHECK(t[Field::logon_type] == "owner");
  CHECK(t.ip() == "192.0.2.4");
  CHECK(t.event().uid == "I-9");
}

TEST_CASE("ual: a bag whose text is cut leaves the record") {
  for (const char* cut :
       {"[", "{", "[{", R"([{\"Name\":)", R"([{\"Name\":\"MailAccessType\",\"Value\":\"Bind\"})", R"({\"a\":[)", "[]]", "[}"}) {
    CAPTURE(cut);
    Trial t;
    t.json(microsoft365_ual, R"({"CreationTime":"2026-03-02T21:14:05","Id":"x","Operation":"MailItemsAccessed","OperationProperties":")" +
                                 std::string(cut) + "\"}");
    CHECK(t.parsed.status == Status::event);
    CHECK(t.event().activity == Activity::mail_read);
    CHECK(t[Field::access_type] == "");
  }
}

TEST_CASE("ual: what is not a record of the audit log is left to others") {
  for (const char* text :
       {"{}", R"({"a":1})", R"({"Operation":"x"})", R"({"CreationTime":"2026-03-02T21:14:05"})", "[1]", R"({"operations":[1],"a":2})", "12",
        "\"x\"", R"({"time":"2026-03-02T21:14:05Z","category":"SignInLogs","properties":{"id":"x"}})"}) {
    CAPTURE(text);
    CHECK(Trial().json(microsoft365_ual, text).parsed.status == Status::not_mine);
  }
}

TEST_CASE("ual: damage anywhere rejects the record, with a reason") {
  const std::string good = record("Send", 2, R"("Unknown":{"a":[1,-2.5e3,true,false,null,"x\n\u00e9"]})");
  REQUIRE(Trial().json(microsoft365_ual, good).parsed.status == Status::event);
  const auto status = [](std::string_view text) { return Trial().json(microsoft365_ual, text).parsed; };
  for (std::size_t cut = 1; cut < good.size(); ++cut) {
    CAPTURE(cut);
    const Parsed parsed = status(std::string_view(good).substr(0, cut));
    CHECK(parsed.status == Status::malformed);
    CHECK_FALSE(parsed.reason.empty());
  }
  for (const char* bad : {R"("U":tru)", R"("U":01)", R"("U":1.)", R"("U":+1)", R"("U":[1,])", R"("U":{"a"})", R"("U":{"a":1,})",
                          R"("U":"\x")", R"("U":"\u12g4")", R"("U":nul)", R"("U":[1 2])", R"("U" 1)", R"("U":"a" "b")", R"("U":1}x)",
                          "\"U\":\"\xff\"", "\"U\":\"\n\"", R"("ClientIP":"\q")", R"("Parameters":[{"Name":"a","Value":tru}])"}) {
    CAPTURE(bad);
    CHECK(status(record("Send", 2, bad)).status == Status::malformed);
  }
  // What stands behind a record in the buffer is not taken for its end.
  Trial in_place;
  Arena arena;
  JsonReader json;
  Context context{arena, json, in_place.tally};
  testing::Seen seen;
  for (const char next : std::string_view(",]}{[:\" 1x")) {
    const std::string buffer = good + std::string(JsonReader::padding, next);
    for (std::size_t cut = 1; cut < good.size(); ++cut) {
      const std::string mine = good.substr(0, cut) + std::string(JsonReader::padding, next);
      CAPTURE(mine);
      CHECK(microsoft365_ual.parse(std::string_view(mine).substr(0, cut), Place{}, context, seen).status == Status::malformed);
      CHECK(microsoft365_ual.parse(std::string_view(buffer).substr(0, cut), Place{}, context, seen).status == Status::malformed);
    }
  }
  CHECK(status(good + " {}").reason == "text behind the end of the object");
  CHECK(status(record("Send", 2, R"("U":)" + std::string(100, '[') + std::string(100, ']'))).reason == "nested too deeply");
  CHECK(status(R"({"CreationTime":"02/03/2026","Operation":"Send","Id":"x"})").status == Status::malformed);
}
