// What every store::ObjectStore does: LocalStore now, a cluster's API through kubernetes::ApiStore
// too. Each file of the suite (object_store_*_conformance.h) is included in one test file and
// instantiated there:
//
// INSTANTIATE_TEST_SUITE_P(Local, ObjectStoreWrites, ::testing::Values(StoreKind{"Memory",
// make_local}), name_of_store);
//
// The store serves every kind that ships with mizan and the one of widget_crd(), without admission
// for it.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/json.h"
#include "resources/known_resources.h"
#include "store/object_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/run_task.h"

namespace mizan::testing {

using store::Key;
using store::ListOptions;
using store::ObjectPtr;
using store::Patch;
using store::PatchType;
using store::RemoveOptions;
using store::Selection;
using store::WatchEvent;
using store::WatchOptions;
using store::WriteOptions;

inline Json widget_crd() {
  return Json::parse(R"json({
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.org"},
    "spec": {
      "group": "example.org", "scope": "Namespaced",
      "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
      "versions": [{
        "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
        "selectableFields": [{"jsonPath": ".spec.color"}],
        "schema": {"openAPIV3Schema": {
          "type": "object", "required": ["spec"],
          "properties": {
            "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
            "spec": {"type": "object", "required": ["size"], "properties": {
              "size": {"type": "integer", "minimum": 1},
              "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
              "note": {"type": "string"},
              "parts": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                        "items": {"type": "object", "required": ["name"], "properties": {
                          "name": {"type": "string"}, "count": {"type": "integer"}}}}}},
            "status": {"type": "object", "properties": {
              "ready": {"type": "integer"}, "note": {"type": "string"}}}}}}
      }]
    }})json");
}

/// A store with what it needs to live. Its namespaces `one` and `two` are there and empty.
class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  virtual store::ObjectStore& store() = 0;
  boost::asio::io_context io;
};

struct StoreKind {
  std::string name;
  std::function<std::unique_ptr<StoreHarness>()> make;
};
inline std::string name_of_store(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}
inline void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }

inline const resources::ResourceId kWidgets{"example.org", "widgets"};
using resources::kConfigMaps;
using resources::kPods;

/// Every kind that ships with mizan, and the widgets.
inline resources::ResourceTable table_with_widgets() {
  static const resources::ResourceTable table = [] {
    resources::ResourceTable made = MemoryStore::builtin_table();
    for (auto& definition : resources::ResourceTable::from_crd(widget_crd()).value())
      made.add(std::move(definition));
    return made;
  }();
  return table;
}

inline Json a_widget(const std::string& name, int size = 1) {
  return {{"apiVersion", "example.org/v1"},
          {"kind", "Widget"},
          {"metadata", {{"name", name}}},
          {"spec", {{"size", size}}}};
}
inline Json a_pod(const std::string& name) {
  return {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", {{"name", name}}},
      {"spec", {{"containers", {{{"name", "main"}, {"image", "none"}, {"command", {"true"}}}}}}}};
}

class ObjectStoreSuite : public ::testing::TestWithParam<StoreKind> {
 protected:
  ObjectStoreSuite() : harness_(GetParam().make()) {}

  template <class T>
  T run(Task<T> task) {
    return run_task(harness_->io, std::move(task));
  }
  store::ObjectStore& store() { return harness_->store(); }

  static Key widget(const std::string& name, const std::string& ns = "one") {
    return Key(kWidgets, ns, name);
  }
  static Key pod(const std::string& name) { return Key(kPods, "one", name); }

  Json create(Json object, const std::string& ns = "one") {
    auto made = run(store().create(kWidgets, ns, std::move(object), {}));
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made->object : Json();
  }
  Json create_pod(Json object) {
    auto made = run(store().create(kPods, "one", std::move(object), {}));
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made->object : Json();
  }
  Json get(const Key& key) {
    auto found = run(store().get(key));
    EXPECT_TRUE(found) << found.error().message;
    return found ? **found : Json();
  }
  bool exists(const Key& key) { return run(store().get(key)).has_value(); }
  Json merge(const Key& key, Json body, const std::string& subresource = "") {
    auto made = run(store().patch(key, subresource, Patch(PatchType::kMerge, std::move(body)), {}));
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made->object : Json();
  }
  Error merge_error(const Key& key, Json body, const std::string& subresource = "") {
    auto made = run(store().patch(key, subresource, Patch(PatchType::kMerge, std::move(body)), {}));
    EXPECT_FALSE(made) << made->object->dump();
    return made ? Error() : made.error();
  }
  Error create_error(Json object, WriteOptions options = {}) {
    auto made = run(store().create(kWidgets, "one", std::move(object), std::move(options)));
    EXPECT_FALSE(made) << made->object->dump();
    return made ? Error() : made.error();
  }

  std::unique_ptr<StoreHarness> harness_;
};

inline std::string version_of(const Json& object) {
  return string_at(object, "metadata.resourceVersion");
}
inline std::int64_t generation_of(const Json& object) {
  return object["metadata"].value("generation", std::int64_t{0});
}

}  // namespace mizan::testing
