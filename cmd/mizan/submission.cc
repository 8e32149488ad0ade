// Reading files and saying where things differ.
#include "cmd/mizan/submission.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "resources/yaml.h"

namespace mizan::cmd {
namespace {

/// Fields of `wanted` that are not in `existing` with the same value; fields only in `existing` are
/// defaults.
void collect_differences(const Json& existing, const Json& wanted, const std::string& path,
                         std::vector<std::string>& out) {
  if (wanted.is_object() && existing.is_object()) {
    for (const auto& [name, value] : wanted.items()) {
      const auto there = existing.find(name);
      const std::string at = path + "." + name;
      if (there == existing.end()) {
        out.push_back(fmt::format("{}: is absent, the file says {}", at, value.dump()));
      } else {
        collect_differences(*there, value, at, out);
      }
    }
    return;
  }
  if (wanted.is_array() && existing.is_array() && wanted.size() == existing.size()) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      collect_differences(existing[i], wanted[i], fmt::format("{}[{}]", path, i), out);
    }
    return;
  }
  if (existing != wanted)
    out.push_back(fmt::format("{}: is {}, the file says {}", path, existing.dump(), wanted.dump()));
}

Result<std::string> read_text(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    return text;
  }
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return fail(Code::kBadRequest,
                fmt::format("{}: can't be read: {}", file, std::strerror(errno)));
  text.assign(std::istreambuf_iterator<char>(in), {});
  return text;
}

/// "line 7, column 12: why" -> "FILE:7:12: why", as compilers write it and editors jump to it.
std::string at_position(const std::string& file, const std::string& message) {
  int line = 0, column = 0, rest = 0;
  if (std::sscanf(message.c_str(), "line %d, column %d: %n", &line, &column, &rest) < 2 ||
      rest == 0) {
    return fmt::format("{}: {}", file, message);
  }
  return fmt::format("{}:{}:{}: {}", file, line, column,
                     message.substr(static_cast<std::size_t>(rest)));
}

}  // namespace

Result<std::vector<Submission>> read_submissions(const std::string& file) {
  TRY(const std::string text, read_text(file));
  const std::string shown = file == "-" ? "standard input" : file;
  auto documents = resources::parse_yaml(text);
  if (!documents) return fail(Code::kBadRequest, at_position(shown, documents.error().message));
  std::vector<Submission> submissions;
  for (resources::YamlDocument& document : *documents) {
    const std::string kind = document.value.is_object() ? string_at(document.value, "kind") : "";
    if (kind != "Experiment") {
      return fail(Code::kBadRequest,
                  fmt::format("{}:{}: kind: mizan run takes Experiments, this is {}", shown,
                              document.first_line, kind.empty() ? "no object with a kind" : kind));
    }
    if (!document.duplicate_fields.empty()) {
      const std::string& field = document.duplicate_fields.front();
      return fail(Code::kBadRequest,
                  fmt::format("{}:{}: {}: is given twice", shown, document.line_of(field), field));
    }
    Json object = document.value;
    auto line_of = [document = std::move(document)](const std::string& path) {
      return document.line_of(path);
    };
    submissions.push_back({shown, std::move(object), std::move(line_of)});
  }
  if (submissions.empty())
    return fail(Code::kBadRequest, fmt::format("{}: there is no Experiment in it", shown));
  return submissions;
}

std::vector<std::string> differences(const Json& existing, const Json& wanted) {
  std::vector<std::string> out;
  collect_differences(existing.value("spec", Json::object()), wanted.value("spec", Json::object()),
                      "spec", out);
  return out;
}

std::string refusal_text(const Submission& submission, const Json& problem) {
  std::string text;
  const Json* errors = find(problem, "errors");
  if (errors != nullptr && errors->is_array()) {
    for (const Json& error : *errors) {
      const std::string path = string_at(error, "field", string_at(error, "pointer"));
      const int line = submission.line_of ? submission.line_of(path) : 0;
      const std::string where =
          line > 0 ? fmt::format("{}:{}", submission.file, line) : submission.file;
      text += fmt::format("{}: {}: {}\n", where, path, string_at(error, "detail"));
    }
  }
  if (text.empty()) {
    text = fmt::format("{}: {}\n", submission.file,
                       string_at(problem, "detail", string_at(problem, "title", "refused")));
  }
  return text;
}

}  // namespace mizan::cmd
