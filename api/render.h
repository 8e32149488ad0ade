// Objects and lists as answers, in the form that was negotiated.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/negotiate.h"
#include "api/table.h"
#include "store/object_store.h"

namespace mizan::api {

/// JSON text that never throws for invalid UTF-8.
std::string compact(const Json& value);

/// How to show objects of one kind to one client.
struct Rendering {
  Negotiated form;
  std::optional<Tabulator> tabulator;  // set when form.form is kTable
  std::string api_version, list_kind;
};

Response render_object(unsigned status, const Json& object, const Rendering& rendering, Time now);
/// An object that was just written: 201 when it was made, else 200.
Response render_written(const store::Written& written, const Rendering& rendering, Time now);
/// Builds the text without copying the objects. `page` has its items as text only where
/// rendering.form.form is kObject.
Response render_list(store::Page page, const Rendering& rendering, Time now);
/// Any other document: Status, Scale.
Response render_plain(unsigned status, const Json& document, const Negotiated& form);

void add_warnings(Response& response, const std::vector<std::string>& warnings);

}  // namespace mizan::api
