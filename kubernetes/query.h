// Query strings of the Kubernetes API.
#pragma once

#include <string>
#include <string_view>

#include "store/object_store.h"

namespace mizan::kubernetes {

class Query {
 public:
  void add(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }  // "?a=b&c=d", or empty

 private:
  std::string text_;
};

/// labelSelector and fieldSelector.
Query selection_query(const store::Selection& selection);

}  // namespace mizan::kubernetes
