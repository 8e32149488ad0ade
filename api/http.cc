// Small values of HTTP.
#include "api/http.h"

#include <algorithm>

namespace mizan::api {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOptions:
      return "OPTIONS";
    case Method::kOther:
      return "OTHER";
  }
  return "OTHER";
}

bool is_safe(Method method) {
  return method == Method::kGet || method == Method::kHead || method == Method::kOptions;
}

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : entries_) {
    if (same_name(key, name)) return value;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::ranges::any_of(entries_,
                             [&](const auto& entry) { return same_name(entry.first, name); });
}

void Headers::erase(std::string_view name) {
  std::erase_if(entries_, [&](const auto& entry) { return same_name(entry.first, name); });
}

void Headers::set(std::string_view name, std::string value) {
  erase(name);
  add(name, std::move(value));
}

void Headers::add(std::string_view name, std::string value) {
  entries_.emplace_back(std::string(name), std::move(value));
}

Response text_response(unsigned status, std::string body, std::string content_type) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers.set("Content-Type", std::move(content_type));
  response.headers.set("Cache-Control", "no-cache, private");
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

Response json_response(unsigned status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Cache-Control", "no-cache, private");
  return response;
}

Response page_not_found() { return text_response(404, "404 page not found\n"); }

}  // namespace mizan::api
