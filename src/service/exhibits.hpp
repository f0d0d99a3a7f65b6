#pragma once

#include "service/analyser.hpp"
#include "service/context.hpp"

namespace digue::service {

/// One exhibit on its way in. Destroyed before finish(), nothing of it stays.
class Upload {
 public:
  Result<void> write(std::string_view data) { return incoming_.write(data); }
  /// Sealed, recorded, told in the journal: on disk when it returns.
  Result<incident::Exhibit> finish();

 private:
  friend Result<std::unique_ptr<Upload>> receive_exhibit(const Context&, const Caller&, const std::string&, const std::string&);
  Upload(const Context& context, Caller caller, std::string incident, std::string name, store::Incoming incoming)
      : context_(context),
        caller_(std::move(caller)),
        incident_(std::move(incident)),
        name_(std::move(name)),
        incoming_(std::move(incoming)) {}
  const Context& context_;
  Caller caller_;
  std::string incident_;
  std::string name_;
  store::Incoming incoming_;
};

inline constexpr std::size_t max_exhibit_name = 4096;

/// `name` as the person's machine gave it, `/` allowed: it is shown, never used as a path. Bytes that are not UTF-8 become U+FFFD.
Result<std::unique_ptr<Upload>> receive_exhibit(const Context& context, const Caller& caller, const std::string& incident,
                                                const std::string& name);

Result<std::vector<incident::Exhibit>> list_exhibits(const Context& context, const std::string& incident);
Result<std::vector<incident::CustodyEvent>> list_custody(const Context& context, const std::string& incident);

/// Bytes of an exhibit as text: control and bidirectional characters as symbols, what is not UTF-8 as U+FFFD.
struct RecordView {
  std::string path;    ///< as the analysis names it
  std::string before;  ///< up to 512 bytes of context
  std::string text;
  std::string after;
  bool truncated = false;  ///< the exhibit ends before `length`, or the bound was reached
};

inline constexpr std::int64_t max_record_view = 1 << 20;

/// The source bytes of a record of the present story; those of what is compressed, archived or UTF-16 are decoded by `analyser`. The view
/// is a custody event. not_found behind the end.
Result<RecordView> view_record(const Context& context, Analyser& analyser, const Caller& caller, const std::string& incident,
                               std::int64_t input, std::int64_t offset, std::int64_t length);

/// Visible text of raw bytes.
std::string show_bytes(std::string_view bytes);

}  // namespace digue::service
