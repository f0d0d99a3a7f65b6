#pragma once

#include "service/analyser.hpp"
#include "service/context.hpp"

/// Looking into exhibits. What is private to a person is opened for a reason (docs/api.md): a conflict at reason_place until one is given.
namespace digue::service {

/// Bytes of an exhibit as text: control and bidirectional characters as symbols, what is not UTF-8 as U+FFFD.
struct RecordView {
  std::string path;    ///< as the analysis names it
  std::string before;  ///< up to 512 bytes of context
  std::string text;
  std::string after;
  bool truncated = false;  ///< the exhibit ends before `length`, or the bound was reached
};

inline constexpr std::int64_t max_record_view = 1 << 20;
/// `where` of the conflict that means: say first why you open it.
inline constexpr std::string_view reason_place = "purpose";
/// How long a reason holds for a person and an exhibit.
inline constexpr std::int64_t reason_minutes = 30;

/// Says why the caller opens an exhibit that holds mails. A custody event and a journal line. Until when it holds.
Result<UtcMicros> give_reason(const Context& context, const Caller& caller, const std::string& incident, const std::string& exhibit,
                              const std::string& purpose);

/// The source bytes of a record of the present story; those of what is compressed, archived or UTF-16 are decoded by `analyser`. The view
/// is a custody event. not_found behind the end.
Result<RecordView> view_record(const Context& context, Analyser& analyser, const Caller& caller, const std::string& incident,
                               std::int64_t input, std::int64_t offset, std::int64_t length);

/// The exhibit that an input of the present story stands for; empty when there is none.
std::string exhibit_of_input(const Context& context, const std::string& incident, std::int64_t input);

enum class Part { headers, whole };

/// The bytes of an exhibit as they are stored, from `offset`; only up to the first empty line for its headers. A custody event.
Result<RecordView> view_exhibit(const Context& context, const Caller& caller, const std::string& incident, const std::string& exhibit,
                                Part part, std::int64_t offset, std::int64_t length);

/// Visible text of raw bytes.
std::string show_bytes(std::string_view bytes);

}  // namespace digue::service
