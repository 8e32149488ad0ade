// Renaming, in both directions.
#include "api/events_view.h"

#include <algorithm>

#include "resources/known_resources.h"

namespace mizan::api {
namespace {

struct Name {
  const char *before, *after;
};
constexpr Name kNames[] = {{"involvedObject", "regarding"},
                           {"message", "note"},
                           {"reportingComponent", "reportingController"},
                           {"source", "deprecatedSource"},
                           {"firstTimestamp", "deprecatedFirstTimestamp"},
                           {"lastTimestamp", "deprecatedLastTimestamp"},
                           {"count", "deprecatedCount"}};

void rename(Json& object, const char* from, const char* to) {
  const auto found = object.find(from);
  if (found == object.end()) return;
  Json value = std::move(*found);
  object.erase(found);
  object[to] = std::move(value);
}

void rename_field(std::string& path) {
  for (const Name& name : kNames) {
    const std::string_view after(name.after);
    if (!path.starts_with(after)) continue;
    if (path.size() == after.size() || path[after.size()] == '.') {
      path.replace(0, after.size(), name.before);
      return;
    }
  }
}

store::Selection to_old(store::Selection selection) {
  selection.id = resources::kEvents;
  for (auto& field : selection.fields) rename_field(field.path);
  return selection;
}

store::Key to_old(store::Key key) {
  key.id = resources::kEvents;
  return key;
}

store::ObjectPtr to_new(const store::ObjectPtr& object) {
  return std::make_shared<const Json>(to_new_event(*object));
}

class EventsWatch final : public store::Watch {
 public:
  explicit EventsWatch(std::unique_ptr<store::Watch> watch) : watch_(std::move(watch)) {}

  Task<Result<store::WatchEvent>> next() override {
    CO_TRY(store::WatchEvent event, co_await watch_->next());
    event.object = to_new(event.object);
    co_return event;
  }
  void cancel() override { watch_->cancel(); }
  std::optional<store::WatchEvent> bookmark() const override {
    auto event = watch_->bookmark();
    if (event) event->object = to_new(event->object);
    return event;
  }

 private:
  std::unique_ptr<store::Watch> watch_;
};

Result<store::Written> renamed(Result<store::Written> written) {
  if (!written) return written;
  written->object = to_new(written->object);
  written->text = nullptr;  // has the other names
  return written;
}

}  // namespace

Json to_new_event(const Json& event) {
  Json made = event;
  made["apiVersion"] = "events.k8s.io/v1";
  for (const Name& name : kNames) rename(made, name.before, name.after);
  if (string_at(made, "reportingController").empty())
    made["reportingController"] = string_at(made, "deprecatedSource.component");
  const auto count = made.find("deprecatedCount");
  const std::string last = string_at(made, "deprecatedLastTimestamp");
  const bool repeated = count != made.end() && count->is_number_integer() && *count > 1;
  if (repeated && !made.contains("series") && !last.empty())
    made["series"] = {{"count", *count}, {"lastObservedTime", last}};
  return made;
}

Json to_old_event(Json event) {
  if (!event.is_object()) return event;
  if (event.contains("apiVersion")) event["apiVersion"] = "v1";
  for (const Name& name : kNames) rename(event, name.after, name.before);
  return event;
}

Task<Result<store::ObjectPtr>> EventsView::get(store::Key key) {
  CO_TRY(const auto object, co_await store_.get(to_old(std::move(key))));
  co_return to_new(object);
}

Task<Result<store::Page>> EventsView::list(store::Selection selection, store::ListOptions options) {
  options.as_text = false;  // they are renamed
  CO_TRY(auto page, co_await store_.list(to_old(std::move(selection)), std::move(options)));
  std::ranges::transform(page.items, page.items.begin(),
                         [](const store::ObjectPtr& object) { return to_new(object); });
  co_return page;
}

Task<Result<store::Written>> EventsView::create(resources::ResourceId, std::string ns, Json object,
                                                store::WriteOptions options) {
  Json old = to_old_event(std::move(object));
  co_return renamed(co_await store_.create(resources::kEvents, std::move(ns), std::move(old),
                                           std::move(options)));
}

Task<Result<store::Written>> EventsView::update(store::Key key, std::string subresource,
                                                Json object, store::WriteOptions options) {
  store::Key at = to_old(std::move(key));
  Json old = to_old_event(std::move(object));
  co_return renamed(co_await store_.update(std::move(at), std::move(subresource), std::move(old),
                                           std::move(options)));
}

Task<Result<store::Written>> EventsView::patch(store::Key key, std::string subresource,
                                               store::Patch patch, store::WriteOptions options) {
  if (patch.type == store::PatchType::kJson) {
    co_return fail(Code::kUnsupportedMediaType,
                   "JSON patches of events are taken at /api/v1 only; here send a merge patch");
  }
  store::Key at = to_old(std::move(key));
  patch.body = to_old_event(std::move(patch.body));
  co_return renamed(co_await store_.patch(std::move(at), std::move(subresource), std::move(patch),
                                          std::move(options)));
}

Task<Result<store::Removed>> EventsView::remove(store::Key key, store::RemoveOptions options) {
  CO_TRY(auto removed, co_await store_.remove(to_old(std::move(key)), std::move(options)));
  removed.object = to_new(removed.object);
  co_return removed;
}

Task<Result<std::unique_ptr<store::Watch>>> EventsView::watch(store::Selection selection,
                                                              store::WatchOptions options) {
  CO_TRY(auto watch, co_await store_.watch(to_old(std::move(selection)), std::move(options)));
  co_return std::make_unique<EventsWatch>(std::move(watch));
}

}  // namespace mizan::api
