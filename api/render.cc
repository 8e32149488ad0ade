// Rendering.
#include "api/render.h"

#include "api/status.h"
#include "api/yaml_writer.h"
#include "store/object_codec.h"

namespace mizan::api {
namespace {

Json list_metadata(const store::Page& page, bool with_empty_continue) {
  Json metadata{{"resourceVersion", page.resource_version}};
  if (with_empty_continue || !page.continue_token.empty())
    metadata["continue"] = page.continue_token;
  if (page.remaining) metadata["remainingItemCount"] = *page.remaining;
  return metadata;
}

}  // namespace

std::string compact(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Response render_plain(unsigned status, const Json& document, const Negotiated& form) {
  if (!form.yaml) return json_response(status, compact(document) + "\n");
  Response response = json_response(status, to_yaml(document));
  response.headers.set("Content-Type", "application/yaml");
  return response;
}

Response render_object(unsigned status, const Json& object, const Rendering& rendering, Time now) {
  switch (rendering.form.form) {
    case Form::kTable:
      return render_plain(status, rendering.tabulator->table(object, now, true), rendering.form);
    case Form::kPartial:
      return render_plain(status, partial_metadata(object, rendering.form.version), rendering.form);
    case Form::kObject:
    case Form::kDiscovery:
      break;
  }
  return render_plain(status, object, rendering.form);
}

Response render_written(const store::Written& written, const Rendering& rendering, Time now) {
  const unsigned status = written.created ? 201 : 200;
  if (!written.text || rendering.form.yaml || rendering.form.form != Form::kObject)
    return render_object(status, *written.object, rendering, now);
  std::string body;
  body.reserve(written.text->size() + 64);
  store::append_object_text(body, *written.text, written.revision);
  body += '\n';
  return json_response(status, std::move(body));
}

Response render_list(store::Page page, const Rendering& rendering, Time now) {
  const auto items = [&](auto one) {
    std::string text;
    for (const auto& object : page.items) {
      if (!text.empty()) text += ',';
      text += one(*object);
    }
    return text;
  };
  std::string body;
  if (rendering.form.form == Form::kTable) {
    // The rows take the place of the empty array at the end of "rows":[].
    Json table = rendering.tabulator->empty_table(list_metadata(page, false));
    body = compact(table);
    const auto at = body.rfind("\"rows\":[]") + 8;
    body.insert(at, items([&](const Json& object) {
                  return compact(rendering.tabulator->row(object, now));
                }));
  } else if (rendering.form.form == Form::kPartial) {
    body = R"({"apiVersion":"meta.k8s.io/)" + rendering.form.version + R"(","items":[)" +
           items([&](const Json& object) {
             return compact(partial_metadata(object, rendering.form.version));
           }) +
           R"(],"kind":"PartialObjectMetadataList","metadata":)" +
           compact(list_metadata(page, false)) + "}";
  } else {
    body = page.text ? *std::move(page.text)
                     : items([](const Json& object) { return compact(object); });
    body.insert(0, R"({"apiVersion":")" + rendering.api_version + R"(","items":[)");
    body += R"(],"kind":")" + rendering.list_kind + R"(","metadata":)" +
            compact(list_metadata(page, true)) + "}";
  }
  if (rendering.form.yaml) return render_plain(200, Json::parse(body), rendering.form);
  body += '\n';
  return json_response(200, std::move(body));
}

void add_warnings(Response& response, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings)
    response.headers.add("Warning", warning_header(warning));
}

}  // namespace mizan::api
