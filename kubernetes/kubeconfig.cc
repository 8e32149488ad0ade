// Reads clusters, users and contexts.
#include "kubernetes/kubeconfig.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <fstream>
#include <iterator>

#include "resources/yaml.h"

namespace mizan::kubernetes {
namespace {

Result<std::string> read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Code::kBadRequest, fmt::format("{} can't be read", file.string()));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<std::string> decode_base64(const std::string& text, const std::string& field) {
  std::string bytes(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return fail(Code::kBadRequest, fmt::format("{} is not base64", field));
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

/// The entry called `name` in a list of {name, KEY: {...}}.
const Json* named(const Json& config, const char* list, std::string_view name, const char* key) {
  const Json* entries = find(config, list);
  if (entries == nullptr || !entries->is_array()) return nullptr;
  for (const Json& entry : *entries) {
    if (string_at(entry, "name") == name) return find(entry, key);
  }
  return nullptr;
}

/// `NAME-data` inline, else the file that `NAME` points to, else nothing.
Result<std::string> pem_of(const Json& entry, const std::string& name,
                           const std::filesystem::path& folder) {
  if (const std::string data = string_at(entry, name + "-data"); !data.empty())
    return decode_base64(data, name + "-data");
  const std::string file = string_at(entry, name);
  if (file.empty()) return std::string();
  return read_text(folder / file);
}

}  // namespace

Result<Context> read_kubeconfig(const std::filesystem::path& file, std::string_view context) {
  TRY(const std::string text, read_text(file));
  auto documents = resources::parse_yaml(text);
  if (!documents)
    return fail(Code::kBadRequest, fmt::format("{}: {}", file.string(), documents.error().message));
  if (documents->empty()) return fail(Code::kBadRequest, fmt::format("{} is empty", file.string()));
  const Json& config = documents->front().value;
  const std::string wanted =
      context.empty() ? string_at(config, "current-context") : std::string(context);
  const Json* chosen = named(config, "contexts", wanted, "context");
  if (chosen == nullptr)
    return fail(Code::kBadRequest,
                fmt::format("{}: there is no context \"{}\"", file.string(), wanted));
  const Json* cluster = named(config, "clusters", string_at(*chosen, "cluster"), "cluster");
  const Json* user = named(config, "users", string_at(*chosen, "user"), "user");
  if (cluster == nullptr || user == nullptr) {
    return fail(Code::kBadRequest,
                fmt::format("{}: context \"{}\" names a {} that is not there", file.string(),
                            wanted, cluster == nullptr ? "cluster" : "user"));
  }
  for (const char* way : {"exec", "auth-provider", "username"}) {
    if (user->contains(way)) {
      return fail(
          Code::kBadRequest,
          fmt::format("{}: users[].user.{} is not supported; use a token or a client certificate",
                      file.string(), way));
    }
  }
  const auto folder = file.parent_path();
  Context result;
  result.ns = string_at(*chosen, "namespace", "default");
  result.endpoint.address = string_at(*cluster, "server");
  TRY(result.endpoint.ca_certificate, pem_of(*cluster, "certificate-authority", folder));
  TRY(result.endpoint.client_certificate, pem_of(*user, "client-certificate", folder));
  TRY(result.endpoint.client_key, pem_of(*user, "client-key", folder));
  result.endpoint.bearer_token = string_at(*user, "token");
  if (const std::string token_file = string_at(*user, "tokenFile");
      result.endpoint.bearer_token.empty() && !token_file.empty()) {
    TRY(result.endpoint.bearer_token, read_text(folder / token_file));
    while (result.endpoint.bearer_token.ends_with('\n')) result.endpoint.bearer_token.pop_back();
  }
  return result;
}

}  // namespace mizan::kubernetes
