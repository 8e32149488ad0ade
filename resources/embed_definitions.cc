// Build tool: reads resource definitions (YAML) and writes them as a C++ source with JSON in it.
//
//   embed_definitions OUT.cc FILE.yaml...
// A schema in resources/builtin/ may say {$ref: "pods:spec"}: what stands under `spec` of the pods'
// schema is put in its place, so that a Job's pod template is written once.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "resources/reading.h"
#include "resources/yaml.h"

namespace {

using mizan::Json;
namespace resources = mizan::resources;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + ": can't be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

Json* schema_of(Json& crd) { return &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]; }

class References {
 public:
  explicit References(std::vector<Json>& crds) {
    for (Json& crd : crds)
      by_plural_.emplace(crd["spec"]["names"]["plural"].get<std::string>(), schema_of(crd));
  }

  void resolve(Json& node) const {
    if (node.is_object() && node.contains("$ref")) node = target(node);
    if (!node.is_structured()) return;
    for (Json& child : node) resolve(child);
  }

 private:
  /// {$ref: "pods:spec.containers[]", description: …}: what stands beside $ref wins.
  Json target(const Json& node) const {
    const auto reference = node["$ref"].get<std::string>();
    const auto colon = reference.find(':');
    const auto known = by_plural_.find(reference.substr(0, colon));
    if (known == by_plural_.end()) throw std::runtime_error("no such kind: " + reference);
    const Json* at = known->second;
    std::string path = reference.substr(colon + 1);
    while (!path.empty()) {
      const auto dot = path.find('.');
      const std::string key = path.substr(0, dot);
      at = key == "[]" ? &at->at("items") : &at->at("properties").at(key);
      path = dot == std::string::npos ? "" : path.substr(dot + 1);
    }
    Json copy = *at;
    for (const auto& [key, value] : node.items()) {
      if (key != "$ref") copy[key] = value;
    }
    return copy;
  }

  std::map<std::string, Json*> by_plural_;
};

/// Literals are cut: compilers need not take long ones.
void write_literals(std::ostream& out, const std::string& text) {
  constexpr std::size_t kPiece = 8000;
  for (std::size_t start = 0; start < text.size(); start += kPiece) {
    out << "    " << "R\"__(" << text.substr(start, kPiece) << ")__\",\n";
  }
}

void write_source(const std::string& path, const std::vector<Json>& crds) {
  std::ofstream out(path, std::ios::binary);
  out << "// Written by resources/embed_definitions.cc.\n"
         "#include \"resources/definition_files.h\"\n\n#include <string_view>\n\nnamespace "
         "mizan::resources {\nnamespace {\n\n";
  for (std::size_t i = 0; i < crds.size(); ++i) {
    out << "constexpr std::string_view kFile" << i << "[] = {\n";
    write_literals(out, resources::compact(crds[i]));
    out << "};\n\n";
  }
  out << "template <class Pieces>\nstd::string join(const Pieces& pieces) {\n  std::string text;\n"
         "  for (const std::string_view piece : pieces) text += piece;\n  return text;\n}\n\n}  // "
         "namespace\n\n"
         "std::vector<std::string> definition_files() {\n  return {";
  for (std::size_t i = 0; i < crds.size(); ++i)
    out << (i == 0 ? "" : ", ") << "join(kFile" << i << ")";
  out << "};\n}\n\n}  // namespace mizan::resources\n";
  if (!out.flush()) throw std::runtime_error(path + ": can't be written");
}

void run(int argc, char** argv) {
  std::vector<Json> crds;
  for (int i = 2; i < argc; ++i) {
    auto documents = resources::parse_yaml(read_file(argv[i]));
    if (!documents)
      throw std::runtime_error(fmt::format("{}: {}", argv[i], documents.error().message));
    for (resources::YamlDocument& document : *documents) {
      if (!document.duplicate_fields.empty()) {
        throw std::runtime_error(
            fmt::format("{}: {} is there twice", argv[i], document.duplicate_fields.front()));
      }
      crds.push_back(std::move(document.value));
    }
  }
  const References references(crds);
  for (Json& crd : crds) references.resolve(*schema_of(crd));
  write_source(argv[1], crds);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: embed_definitions OUT.cc FILE.yaml...\n";
    return 2;
  }
  try {
    run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "embed_definitions: " << problem.what() << '\n';
    return 1;
  }
  return 0;
}
