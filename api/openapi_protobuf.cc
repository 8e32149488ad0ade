// One function for each message. The field numbers are those of gnostic's OpenAPIv2.proto.
#include "api/openapi_protobuf.h"

#include "api/protobuf_wire.h"

namespace mizan::api {
namespace {

void put_text(WireWriter& out, std::uint32_t field, const Json& node, const char* key) {
  if (const auto found = node.find(key); found != node.end() && found->is_string())
    out.text(field, found->get_ref<const std::string&>());
}

void put_texts(WireWriter& out, std::uint32_t field, const Json& node, const char* key) {
  const auto found = node.find(key);
  if (found == node.end() || !found->is_array()) return;
  for (const Json& text : *found) out.text(field, text.get<std::string>());
}

void put_flag(WireWriter& out, std::uint32_t field, const Json& node, const char* key) {
  if (const auto found = node.find(key); found != node.end() && *found == true)
    out.number(field, 1);
}

void put_count(WireWriter& out, std::uint32_t field, const Json& node, const char* key) {
  if (const auto found = node.find(key); found != node.end() && found->is_number_integer())
    out.number(field, static_cast<std::uint64_t>(found->get<std::int64_t>()));
}

void put_real(WireWriter& out, std::uint32_t field, const Json& node, const char* key) {
  if (const auto found = node.find(key); found != node.end() && found->is_number())
    out.real(field, found->get<double>());
}

/// Any{yaml = 2}: JSON is YAML.
WireWriter any(const Json& value) {
  WireWriter out;
  out.text(2, value.dump() + "\n");
  return out;
}

/// {name = 1, value = 2}
WireWriter named(const std::string& name, const WireWriter& value) {
  WireWriter out;
  out.text(1, name);
  out.message(2, value);
  return out;
}

void put_extensions(WireWriter& out, std::uint32_t field, const Json& node) {
  for (const auto& [key, value] : node.items()) {
    if (key.starts_with("x-")) out.message(field, named(key, any(value)));
  }
}

WireWriter schema(const Json& node);

WireWriter additional_properties(const Json& value) {
  WireWriter out;
  if (value.is_boolean()) {
    out.number(2, value == true ? 1 : 0);
  } else {
    out.message(1, schema(value));
  }
  return out;
}

WireWriter properties(const Json& node) {
  WireWriter out;
  for (const auto& [name, value] : node.items()) out.message(1, named(name, schema(value)));
  return out;
}

void put_structure(WireWriter& out, const Json& node) {
  if (const auto found = node.find("additionalProperties"); found != node.end())
    out.message(21, additional_properties(*found));
  if (const auto found = node.find("type"); found != node.end() && found->is_string()) {
    WireWriter type;
    type.text(1, found->get_ref<const std::string&>());
    out.message(22, type);
  }
  if (const auto found = node.find("items"); found != node.end()) {
    WireWriter items;
    items.message(1, schema(*found));
    out.message(23, items);
  }
  if (const auto found = node.find("allOf"); found != node.end()) {
    for (const Json& one : *found) out.message(24, schema(one));
  }
  if (const auto found = node.find("properties"); found != node.end())
    out.message(25, properties(*found));
}

WireWriter schema(const Json& node) {
  WireWriter out;
  if (!node.is_object()) return out;
  put_text(out, 1, node, "$ref");
  put_text(out, 2, node, "format");
  put_text(out, 3, node, "title");
  put_text(out, 4, node, "description");
  if (const auto found = node.find("default"); found != node.end()) out.message(5, any(*found));
  put_real(out, 7, node, "maximum");
  put_real(out, 9, node, "minimum");
  put_count(out, 11, node, "maxLength");
  put_count(out, 12, node, "minLength");
  put_text(out, 13, node, "pattern");
  put_count(out, 14, node, "maxItems");
  put_count(out, 15, node, "minItems");
  put_texts(out, 19, node, "required");
  if (const auto found = node.find("enum"); found != node.end()) {
    for (const Json& value : *found) out.message(20, any(value));
  }
  put_structure(out, node);
  put_extensions(out, 31, node);
  return out;
}

WireWriter body_parameter(const Json& node) {
  WireWriter out;
  put_text(out, 1, node, "description");
  put_text(out, 2, node, "name");
  put_text(out, 3, node, "in");
  put_flag(out, 4, node, "required");
  if (const auto found = node.find("schema"); found != node.end()) out.message(5, schema(*found));
  return out;
}

WireWriter other_parameter(const Json& node, bool path) {
  WireWriter out;
  put_flag(out, 1, node, "required");
  put_text(out, 2, node, "in");
  put_text(out, 3, node, "description");
  put_text(out, 4, node, "name");
  // A query parameter has allowEmptyValue between, a path parameter has not.
  put_text(out, path ? 5 : 6, node, "type");
  return out;
}

/// ParametersItem{parameter = 1}, Parameter{body = 1, other = 2}, other{query = 3, path = 4}.
WireWriter parameter(const Json& node) {
  WireWriter either, item;
  const std::string in = node.value("in", std::string());
  if (in == "body") {
    either.message(1, body_parameter(node));
  } else {
    WireWriter other;
    other.message(in == "path" ? 4 : 3, other_parameter(node, in == "path"));
    either.message(2, other);
  }
  item.message(1, either);
  return item;
}

void put_parameters(WireWriter& out, std::uint32_t field, const Json& parameters) {
  for (const Json& one : parameters) out.message(field, parameter(one));
}

WireWriter responses(const Json& node) {
  WireWriter out;
  for (const auto& [code, answer] : node.items()) {
    WireWriter response, value;
    put_text(response, 1, answer, "description");
    if (const auto found = answer.find("schema"); found != answer.end()) {
      WireWriter item;
      item.message(1, schema(*found));
      response.message(2, item);
    }
    value.message(1, response);
    out.message(1, named(code, value));
  }
  return out;
}

WireWriter operation(const Json& node) {
  WireWriter out;
  put_texts(out, 1, node, "tags");
  put_text(out, 3, node, "description");
  put_text(out, 5, node, "operationId");
  put_texts(out, 6, node, "produces");
  put_texts(out, 7, node, "consumes");
  put_parameters(out, 8, node.value("parameters", Json::array()));
  out.message(9, responses(node.value("responses", Json::object())));
  put_texts(out, 10, node, "schemes");
  put_extensions(out, 13, node);
  return out;
}

WireWriter path_item(const Json& node) {
  constexpr std::pair<const char*, std::uint32_t> kMethods[] = {
      {"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};
  WireWriter out;
  for (const auto& [method, field] : kMethods) {
    if (const auto found = node.find(method); found != node.end())
      out.message(field, operation(*found));
  }
  put_parameters(out, 9, node.value("parameters", Json::array()));
  return out;
}

}  // namespace

std::string openapi_v2_protobuf(const Json& document) {
  WireWriter out, info, paths, definitions;
  put_text(out, 1, document, "swagger");
  put_text(info, 1, document["info"], "title");
  put_text(info, 2, document["info"], "version");
  out.message(2, info);
  for (const auto& [path, item] : document["paths"].items())
    paths.message(2, named(path, path_item(item)));
  out.message(8, paths);
  for (const auto& [name, value] : document["definitions"].items())
    definitions.message(1, named(name, schema(value)));
  out.message(9, definitions);
  return out.bytes();
}

}  // namespace mizan::api
