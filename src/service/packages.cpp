#include "service/packages.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/crypto/random.hpp"
#include "base/files.hpp"
#include "base/json/value.hpp"
#include "base/text.hpp"
#include "incident/tlp.hpp"
#include "service/custody.hpp"
#include "service/journal.hpp"
#include "service/package_index.hpp"
#include "service/package_layout.hpp"
#include "service/verification.hpp"
#include "store/vault/bag_writer.hpp"

namespace digue::service {

namespace {

constexpr std::array<std::string_view, 5> tlps{"clear", "green", "amber", "amber+strict", "red"};
constexpr std::size_t max_field = 2000;

std::string path_of(const Context& context, const std::string& incident, const std::string& id) {
  return context.documents.packages() + "/" + incident + "/" + id;
}

std::string ending_of(const incident::Package& package) {
  return (package.format == "zip" ? ".zip" : ".tar") + std::string(package.sealed.empty() ? "" : ".digue");
}

/// What one package is made of, as it was when its job was added.
struct Order {
  PackageOrder given;
  incident::Incident incident;
  std::vector<incident::Exhibit> included;
  incident::Package package;
};

Result<void> check(const PackageOrder& order) {
  for (const auto& [text, field] : {std::pair(&order.recipient, "recipient"), std::pair(&order.purpose, "purpose")}) {
    if (trim(*text).empty()) return fail(ErrorCode::bad_input, tr("field.missing", {{"field", field}}), field);
    if (text->size() > max_field)
      return fail(ErrorCode::bad_input, tr("field.too_long", {{"field", field}, {"limit", std::to_string(max_field)}}), field);
  }
  if (!order.tlp.empty() && std::find(tlps.begin(), tlps.end(), order.tlp) == tlps.end())
    return fail(ErrorCode::bad_input, tr("field.not_a_choice", {{"field", "tlp"}}), "tlp");
  if (!order.seal_for.public_key.empty() && !is_public_key(order.seal_for.public_key))
    return fail(ErrorCode::bad_input, tr("sealed.no_public_key"), "public_key");
  if (!order.seal_for.passphrase.empty() && order.seal_for.passphrase.size() < min_passphrase)
    return fail(ErrorCode::bad_input, tr("sealed.short", {{"count", std::to_string(min_passphrase)}}), "passphrase");
  return {};
}

Result<void> note_export(const Context& context, const Order& order, const incident::Job& job, const std::vector<Reread>& found) {
  return context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    const Caller caller{job.by};
    const auto at = now();
    std::vector<incident::CustodyEvent> events;
    const auto bad = settle(writer, context, caller, job.incident, found, at, events);
    if (!bad) return tl::make_unexpected(bad.error());
    for (const auto& exhibit : order.included) {
      incident::CustodyEvent event{exhibit.id, at, job.by, "exported", "package " + order.package.id};
      event.purpose = order.given.purpose;
      event.recipient = order.given.recipient;
      event.digest = exhibit.sha256;
      events.push_back(std::move(event));
    }
    Note note{"package.exported",
              say(context, "note.package",
                  {{"recipient", order.given.recipient},
                   {"purpose", order.given.purpose},
                   {"count", std::to_string(order.included.size())},
                   {"tlp", order.package.tlp}}),
              {},
              {{"job", job.id}, {"package", order.package.id}}};
    if (!bad->empty()) note.text += ' ' + *bad;
    return note_custody(writer, context, caller, job.incident, std::move(events), std::move(note));
  });
}

/// Adds a file that comes in parts; `next` appends one and says whether more come. It is run twice: the size must be known first.
template <class Source>
Result<void> add_parts(store::BagWriter& bag, const std::string& path, Source source, Running& running) {
  std::uint64_t size = 0;
  for (Source first = source;;) {
    std::string part;
    const auto more = first.next(part);
    if (!more) return tl::make_unexpected(more.error());
    size += part.size();
    if (!*more) break;
  }
  if (auto begun = bag.begin_file(path, size); !begun) return begun;
  for (;;) {
    if (running.cancelled) return fail(ErrorCode::cancelled, "");
    std::string part;
    const auto more = source.next(part);
    if (!more) return tl::make_unexpected(more.error());
    if (auto done = bag.write(part); !done) return done;
    if (!*more) break;
  }
  return bag.end_file();
}

Result<void> add_file(store::BagWriter& bag, const std::string& path, const File& file, Running& running) {
  const auto size = file.size();
  if (!size) return tl::make_unexpected(size.error());
  auto done = bag.begin_file(path, *size);
  std::string part(std::size_t{1} << 20, '\0');
  for (std::uint64_t at = 0; done;) {
    if (running.cancelled) return fail(ErrorCode::cancelled, "");
    const auto got = file.read_at(at, part.data(), part.size());
    if (!got) return tl::make_unexpected(got.error());
    if (*got == 0) break;
    done = bag.write(std::string_view(part).substr(0, *got));
    at += *got;
  }
  return done ? bag.end_file() : done;
}

std::string inside(std::string_view path) {
  return std::string(path.substr(std::string_view("data/").size()));
}

Result<void> add_story(store::BagWriter& bag, const Context& context, const std::string& incident, Running& running) {
  const auto story = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.story(incident); });
  if (!story) return story.error().code == ErrorCode::not_found ? Result<void>() : tl::make_unexpected(story.error());
  if (auto done = bag.add("story/story.json", story->analysis); !done) return done;
  for (const char* kind : {"html", "csv", "ocsf"}) {
    const auto file = context.documents.open(incident, story->version, kind);
    if (!file) continue;
    const std::string name = std::string(kind) == "csv" ? "events.csv" : std::string("story.") + kind;
    if (auto done = add_file(bag, "story/" + name, *file, running); !done) return done;
  }
  return {};
}

/// What the package says of exhibits and custody, read in one view.
struct Records {
  std::vector<incident::Exhibit> exhibits;
  std::vector<incident::AcquisitionVersion> acquisitions;
  std::vector<incident::CustodyEvent> custody;
};

Result<Records> read_records(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<Records> {
    auto exhibits = reader.exhibits(incident);
    if (!exhibits) return tl::make_unexpected(exhibits.error());
    auto acquisitions = reader.acquisitions(incident);
    if (!acquisitions) return tl::make_unexpected(acquisitions.error());
    auto custody = reader.custody(incident);
    if (!custody) return tl::make_unexpected(custody.error());
    return Records{std::move(*exhibits), std::move(*acquisitions), std::move(*custody)};
  });
}

Result<void> write_package(const Context& context, const Order& order, const incident::Job& job, Running& running,
                           store::BagWriter::Written& written) {
  // The journal first: each custody event that it names is read below.
  auto journal = JournalExport::open(context, job.incident);
  if (!journal) return tl::make_unexpected(journal.error());
  const auto code = journal->code();
  const auto records = read_records(context, job.incident);
  if (!records) return tl::make_unexpected(records.error());

  auto opened = store::BagWriter::open({path_of(context, job.incident, order.package.id),
                                        order.package.format == "zip" ? ArchiveKind::zip : ArchiveKind::tar,
                                        "digue-" + order.incident.reference + "-" + order.package.id, order.package.created,
                                        order.package.sealed.empty() ? std::nullopt : std::optional(order.given.seal_for)});
  if (!opened) return tl::make_unexpected(opened.error());
  auto& bag = **opened;

  std::vector<IndexExhibit> told;
  std::string exhibit_lines;
  for (const auto& exhibit : records->exhibits) {
    const bool included = std::any_of(order.included.begin(), order.included.end(), [&](const auto& one) { return one.id == exhibit.id; });
    const std::string path = included ? layout::exhibit_path(exhibit) : std::string();
    exhibit_lines += layout::exhibit_line(exhibit, records->acquisitions, path) + "\n";
    IndexExhibit one{exhibit, {}, path};
    for (const auto& version : records->acquisitions)
      if (version.exhibit == exhibit.id) one.acquisition = version.record;
    told.push_back(std::move(one));
    if (!included) continue;
    auto begun = bag.begin_file(inside(path), static_cast<std::uint64_t>(exhibit.bytes));
    if (!begun) return begun;
    const auto read = reread(context.vault, exhibit, running, [&](std::string_view part) { return bag.write(part); });
    if (!read) return tl::make_unexpected(read.error());
    if (auto ended = bag.end_file(); !ended) return ended;
  }
  std::string custody_lines;
  for (const auto& event : records->custody) custody_lines += layout::custody_line(event) + "\n";
  auto done = bag.add(inside(layout::exhibits), exhibit_lines);
  if (done) done = bag.add(inside(layout::custody), custody_lines);
  if (done) done = add_parts(bag, inside(layout::journal), *journal, running);
  if (done) done = add_story(bag, context, job.incident, running);
  for (const auto& [name, text] : order.given.documents)
    if (done) done = bag.add(name, text);
  const std::string head = records->custody.empty() ? "" : records->custody.back().hash;
  const PackageFacts facts{order.incident, order.package, std::move(told), records->custody.size(), journal->size(), code};
  if (done) done = bag.add(inside(layout::index), index_html(facts, context.settings.zone));
  if (!done) return done;
  auto finished = bag.finish({{"Bag-Software-Agent", "Digue " DIGUE_VERSION},
                              {"BagIt-Profile-Identifier", std::string(layout::profile)},
                              {"External-Identifier", order.incident.reference},
                              {"External-Description", order.incident.title},
                              {"Internal-Sender-Identifier", order.package.id},
                              {"Bagging-Date", to_iso8601(order.package.created).substr(0, 10)},
                              {"TLP-Level", incident::tlp_marking(order.package.tlp)},
                              {"Custody-Recipient", order.package.recipient},
                              {"Custody-Purpose", order.package.purpose},
                              {"Custody-Exported-By", order.package.by},
                              {"Custody-Exported-At", to_iso8601(order.package.created)},
                              {"Custody-Events", std::to_string(records->custody.size())},
                              {"Custody-Head", head},
                              {"Journal-Lines", std::to_string(journal->size())},
                              {"Journal-Checkpoint", code.empty() ? "none" : code}});
  if (!finished) return tl::make_unexpected(finished.error());
  written = *finished;
  return {};
}

Result<void> make(const Context& context, Order order, const incident::Job& job, Running& running) {
  const auto started = now();
  if (auto begun = context.cases.write([&](store::CaseWriter& writer) { return job_started(writer, job, started); }); !begun) return begun;
  context.notify("job", job.incident);
  running.bytes_total = static_cast<std::uint64_t>(job.bytes_total);
  std::vector<Reread> found;
  for (const auto& exhibit : order.included) {
    auto one = reread(context.vault, exhibit, running);
    if (!one) return tl::make_unexpected(one.error());
    found.push_back(std::move(*one));
  }
  // What is no longer what was received is told, and its bytes do not go along.
  std::erase_if(order.included, [&](const auto& exhibit) {
    return std::any_of(found.begin(), found.end(), [&](const auto& one) { return one.exhibit.id == exhibit.id && !one.problem.empty(); });
  });
  if (auto noted = note_export(context, order, job, found); !noted) return noted;
  for (const auto* kind : {"exhibit", "journal"}) context.notify(kind, job.incident);
  store::BagWriter::Written written;
  if (auto done = write_package(context, order, job, running, written); !done) return done;
  auto package = order.package;
  package.bytes = written.bytes;
  package.sha256 = written.sha256;
  const auto kept = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    if (auto put = writer.put_package(job.incident, package); !put) return put;
    Note note{"package.done",
              say(context, "note.package_done",
                  {{"bytes", std::to_string(package.bytes)}, {"sha256", package.sha256}, {"recipient", package.recipient}}),
              {},
              {{"job", job.id}, {"package", package.id}}};
    if (const auto line = write_note(writer, context, {job.by}, job.incident, std::move(note)); !line)
      return tl::make_unexpected(line.error());
    return job_done(writer, job, started, now());
  });
  if (!kept) {
    static_cast<void>(remove_file(path_of(context, job.incident, package.id)));
    return kept;
  }
  context.notify("journal", job.incident);
  return {};
}

Result<incident::Package> find(store::CaseReader& reader, const std::string& incident, const std::string& id) {
  const auto all = reader.packages(incident);
  if (!all) return tl::make_unexpected(all.error());
  for (const auto& one : *all)
    if (one.id == id) return one;
  return fail(ErrorCode::not_found, tr("package.absent"), id);
}

}  // namespace

Result<JobView> start_package(const Context& context, Jobs& jobs, const Caller& caller, const std::string& incident, PackageOrder given) {
  if (auto good = check(given); !good) return tl::make_unexpected(good.error());
  const auto order = std::make_shared<Order>();
  order->given = std::move(given);
  const auto prepare = [&](store::CaseWriter& writer, incident::Job& job) -> Result<void> {
    auto record = writer.incident(incident);
    if (!record) return tl::make_unexpected(record.error());
    auto all = writer.exhibits(incident);
    if (!all) return tl::make_unexpected(all.error());
    const auto& ids = order->given.exhibits;
    for (const auto& id : ids)
      if (std::none_of(all->begin(), all->end(), [&](const auto& one) { return one.id == id; }))
        return fail(ErrorCode::not_found, tr("exhibit.absent"), id);
    if (!ids.empty()) std::erase_if(*all, [&](const auto& one) { return std::find(ids.begin(), ids.end(), one.id) == ids.end(); });
    std::erase_if(*all, [](const auto& one) { return one.state == "destroyed"; });  // their records do
    for (const auto& exhibit : *all) job.bytes_total += 2 * exhibit.bytes;
    const auto& seal = order->given.seal_for;
    auto& package = order->package;
    package.id = random_hex(8);
    package.job = job.id;
    package.sealed = !seal.public_key.empty() ? "public key" : !seal.passphrase.empty() ? "passphrase" : "";
    package.format = order->given.format == ArchiveKind::zip && package.sealed.empty() ? "zip" : "tar";
    package.recipient = order->given.recipient;
    package.purpose = order->given.purpose;
    package.tlp = order->given.tlp.empty() ? record->tlp : order->given.tlp;
    package.created = now();
    package.by = caller.name;
    order->incident = std::move(*record);
    order->included = std::move(*all);
    return {};
  };
  return jobs.start(caller, incident, "package", prepare,
                    [&context, order](const incident::Job& job, Running& running) { return make(context, *order, job, running); });
}

Result<std::vector<incident::Package>> list_packages(const Context& context, const std::string& incident) {
  return store::reading(context.cases, [&](store::CaseReader& reader) -> Result<std::vector<incident::Package>> {
    if (const auto known = reader.incident(incident); !known) return tl::make_unexpected(known.error());
    return reader.packages(incident);
  });
}

Result<File> open_package(const Context& context, const std::string& incident, const std::string& id) {
  const auto package = store::reading(context.cases, [&](store::CaseReader& reader) { return find(reader, incident, id); });
  if (!package) return tl::make_unexpected(package.error());
  if (!package->kept) return fail(ErrorCode::not_found, tr("package.removed"), id);
  return File::open(path_of(context, incident, id));
}

Result<void> remove_package(const Context& context, const Caller& caller, const std::string& incident, const std::string& id) {
  const auto done = context.cases.write([&](store::CaseWriter& writer) -> Result<void> {
    auto package = find(writer, incident, id);
    if (!package) return tl::make_unexpected(package.error());
    if (!package->kept) {
      // Recorded as removed, but the disk kept it.
      if (file_exists(path_of(context, incident, id))) return {};
      return fail(ErrorCode::not_found, tr("package.removed"), id);
    }
    package->kept = false;
    if (auto put = writer.put_package(incident, *package); !put) return put;
    const auto line = write_note(
        writer, context, caller, incident,
        {"package.removed", say(context, "note.package_removed", {{"id", id}, {"recipient", package->recipient}}), {}, {{"package", id}}});
    return line ? Result<void>() : tl::make_unexpected(line.error());
  });
  if (!done) return done;
  const auto path = path_of(context, incident, id);
  if (auto removed = remove_file(path); !removed) return removed;
  if (auto synced = sync_directory(std::filesystem::path(path).parent_path().string()); !synced) return synced;
  context.notify("journal", incident);
  return {};
}

Result<void> sweep_packages(const Context& context) {
  namespace fs = std::filesystem;
  std::error_code problem;
  for (fs::directory_iterator incident(context.documents.packages(), problem), end; !problem && incident != end;
       incident.increment(problem)) {
    const auto id = incident->path().filename().string();
    const auto known = store::reading(context.cases, [&](store::CaseReader& reader) { return reader.packages(id); });
    if (!known) return tl::make_unexpected(known.error());
    std::error_code inner;
    for (fs::directory_iterator file(incident->path(), inner); !inner && file != end; file.increment(inner)) {
      const auto name = file->path().filename().string();
      if (std::any_of(known->begin(), known->end(), [&](const auto& one) { return one.kept && one.id == name; })) continue;
      if (auto removed = remove_file(file->path().string()); !removed) return removed;
    }
  }
  return {};
}

std::string package_name(const std::string& reference, const incident::Package& package) {
  return "digue-" + reference + "-" + package.id + ending_of(package);
}

}  // namespace digue::service
