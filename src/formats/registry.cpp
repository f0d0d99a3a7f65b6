#include "formats/format.hpp"

namespace digue::formats {

#define JSON_FORMAT(name) extern const JsonFormat name;
#define CSV_FORMAT(name) extern const CsvFormat name;
#define LINE_FORMAT(name) extern const LineFormat name;
#include "formats/formats.def"
#undef JSON_FORMAT
#undef CSV_FORMAT
#undef LINE_FORMAT

std::span<const JsonFormat* const> json_formats() {
#define JSON_FORMAT(name) &name,
#define CSV_FORMAT(name)
#define LINE_FORMAT(name)
  static const std::vector<const JsonFormat*> all{
#include "formats/formats.def"
  };
#undef JSON_FORMAT
#undef CSV_FORMAT
#undef LINE_FORMAT
  return all;
}

std::span<const CsvFormat* const> csv_formats() {
#define JSON_FORMAT(name)
#define CSV_FORMAT(name) &name,
#define LINE_FORMAT(name)
  static const std::vector<const CsvFormat*> all{
#include "formats/formats.def"
  };
#undef JSON_FORMAT
#undef CSV_FORMAT
#undef LINE_FORMAT
  return all;
}

std::span<const LineFormat* const> line_formats() {
#define JSON_FORMAT(name)
#define CSV_FORMAT(name)
#define LINE_FORMAT(name) &name,
  static const std::vector<const LineFormat*> all{
#include "formats/formats.def"
  };
#undef JSON_FORMAT
#undef CSV_FORMAT
#undef LINE_FORMAT
  return all;
}

void from_line(const Line& line, Event& event) {
  event.time = line.time;
  event.basis = line.basis;
  event.year_wraps = line.year_wraps;
  event.repeats = line.repeats;
  event.place = line.place;
  event.own_id = false;
  const std::string_view time(reinterpret_cast<const char*>(&line.time), sizeof line.time);
  event.id = id_of({line.host, time, line.program, line.message});
  event.set(Field::host, line.host);
}

}  // namespace digue::formats
