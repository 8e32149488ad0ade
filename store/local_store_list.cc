// Lists: which snapshot is asked for, its pages, selectors over them, and the decoding or writing
// of many objects at once.
#include <fmt/format.h>

#include "core/executors.h"
#include "resources/field_error.h"
#include "store/local_store.h"
#include "store/object_codec.h"
#include "store/object_key.h"
#include "store/page_token.h"
#include "store/refusal.h"

namespace mizan::store {
namespace {

using Match = ListOptions::Match;

/// Less than this doesn't pay for a change of thread.
constexpr std::size_t kInlineBytes = 64 * 1024;
/// Read at once when selectors may leave few of them.
constexpr std::size_t kScanPage = 500;

std::unexpected<Error> bad_version(const std::string& text) {
  return fail(
      Code::kBadRequest,
      fmt::format(
          "invalid resource version: resourceVersion: Invalid value: \"{0}\": strconv.ParseUint: "
          "parsing \"{0}\": invalid syntax",
          text));
}

std::string listed_name(const Selection& selection) {
  for (const FieldRequirement& field : selection.fields) {
    if (field.path == "metadata.name" && field.equal) return field.value;
  }
  return {};
}

Error list_error(const Error& error, bool continued) {
  if (error.code != Code::kExpired) return error;
  return {Code::kExpired,
          continued ? "The provided continue parameter is too old to display a consistent list "
                      "result. Start the list "
                      "again without it."
                    : "The resourceVersion for the provided list is too old.",
          {}};
}

}  // namespace

Result<LocalStore::Snapshot> LocalStore::snapshot_of(const Selection& selection,
                                                     const ListOptions& options) const {
  Snapshot snapshot;
  snapshot.limit = options.limit;
  snapshot.as_text =
      options.as_text && selection.labels.empty() && selection.fields.empty();  // see ListOptions
  const std::string& version = options.resource_version;
  if (version.empty() && options.match != Match::kUnset && options.continue_token.empty()) {
    return fail(invalid_object(
        "ListOptions.meta.k8s.io", "",
        {resources::forbidden(
            "resourceVersionMatch",
            "resourceVersionMatch is forbidden unless resourceVersion is provided")}));
  }
  if (!options.continue_token.empty()) {
    if (!version.empty() && version != "0") {
      return fail(Code::kBadRequest,
                  "specifying resource version is not allowed when using continue");
    }
    TRY(PageToken token, parse_page_token(options.continue_token));
    snapshot.at = token.revision;
    snapshot.after = selection_prefix(selection) + token.after;
    return snapshot;
  }
  if (version.empty()) return snapshot;
  const std::optional<Revision> revision = parse_revision(version);
  if (!revision) return bad_version(version);
  if (*revision == 0) {
    if (options.match == Match::kExact) {
      return fail(invalid_object(
          "ListOptions.meta.k8s.io", "",
          {resources::forbidden(
              "resourceVersionMatch",
              "resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"")}));
    }
    snapshot.limit = 0;  // as a server with a watch cache answers: "any version" comes whole
    return snapshot;
  }
  if (*revision > backend_.current()) {
    return fail(Code::kTimeout, fmt::format("Timeout: Too large resource version: {}, current: {}",
                                            *revision, backend_.current()));
  }
  const bool exact =
      options.match == Match::kExact || (options.match == Match::kUnset && options.limit > 0);
  if (exact) snapshot.at = *revision;
  return snapshot;
}

Task<std::vector<ObjectPtr>> LocalStore::decode_all(std::vector<Entry> entries, Revision shown) {
  std::vector<ObjectPtr> objects(entries.size());
  std::vector<std::size_t> missing;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (ObjectCache::Found cached = cache_.find(entries[i].key);
        cached.object && cached.modified == entries[i].modified) {
      objects[i] = std::move(cached.object);
    } else {
      missing.push_back(i);
      bytes += entries[i].value->size();
    }
  }
  const auto decode = [](const std::vector<Entry>& from, const std::vector<std::size_t>& which) {
    std::vector<ObjectPtr> made;
    made.reserve(which.size());
    for (const std::size_t i : which)
      made.push_back(decode_object(*from[i].value, from[i].modified));
    return made;
  };
  std::vector<ObjectPtr> made;
  if (bytes <= kInlineBytes || !options_.pool) {
    made = decode(entries, missing);
  } else {
    auto work = [decode, entries, missing] { return decode(entries, missing); };
    made = co_await run_on(options_.pool, std::move(work));
  }
  // A few objects that are still what the store holds are worth keeping; a long list would push out
  // all others.
  const bool keep = missing.size() <= kScanPage && bytes <= options_.cache_bytes / 4 &&
                    hub_->delivered() == shown;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    const Entry& entry = entries[missing[i]];
    if (keep) cache_.put(entry.key, made[i], entry.modified, entry.value->size());
    objects[missing[i]] = std::move(made[i]);
  }
  co_return objects;
}

Task<Page> LocalStore::text_page(Range range, std::string prefix) {
  Page page;
  page.resource_version = std::to_string(range.revision);
  if (range.more) {
    const std::string last = range.entries.back().key.substr(prefix.size());
    page.continue_token = format_page_token({range.revision, last});
    page.remaining = range.remaining;
  }
  std::size_t bytes = 0;
  for (const Entry& entry : range.entries) bytes += entry.value->size() + 40;  // and its revision
  auto write = [bytes, entries = std::move(range.entries)] {
    std::string text;
    text.reserve(bytes + 512);  // and what goes around them
    for (const Entry& entry : entries) {
      if (!text.empty()) text += ',';
      append_object_text(text, *entry.value, entry.modified);
    }
    return text;
  };
  page.text = bytes <= kInlineBytes || !options_.pool
                  ? write()
                  : co_await run_on(options_.pool, std::move(write));
  co_return page;
}

Task<Result<Page>> LocalStore::list_one(Selection selection, std::string ns, std::string name) {
  Page page;
  const Revision shown = backend_.current();
  Key key(selection.id, std::move(ns), std::move(name));
  Result<Stored> stored = co_await load(std::move(key));
  if (!stored && stored.error().code != Code::kNotFound) co_return fail(std::move(stored).error());
  page.resource_version = std::to_string(stored ? std::max(shown, stored->modified) : shown);
  if (stored && matches(selection, *stored->object))
    page.items.push_back(std::move(stored->object));
  co_return page;
}

Task<Result<Page>> LocalStore::list_snapshot(Selection selection, Snapshot snapshot) {
  const std::string prefix = selection_prefix(selection);
  const bool selects = !selection.labels.empty() || !selection.fields.empty();
  Page page;
  while (true) {
    const std::size_t wanted = snapshot.limit == 0 ? 0 : selects ? kScanPage : snapshot.limit;
    CO_TRY(Range range, co_await backend_.list(prefix, snapshot.at, wanted, snapshot.after));
    if (snapshot.as_text) co_return co_await text_page(std::move(range), prefix);
    snapshot.at = range.revision;  // the next pages show the same
    page.resource_version = std::to_string(range.revision);
    std::vector<std::string> keys;
    for (const Entry& entry : range.entries) keys.push_back(entry.key);
    const bool more = range.more;
    std::vector<ObjectPtr> objects = co_await decode_all(std::move(range.entries), range.revision);
    for (std::size_t i = 0; i < objects.size(); ++i) {
      snapshot.after = keys[i];
      if (selects && !matches(selection, *objects[i])) continue;
      page.items.push_back(std::move(objects[i]));
      const bool full = snapshot.limit != 0 && page.items.size() == snapshot.limit;
      if (full && (more || i + 1 < objects.size())) {
        page.continue_token = format_page_token({snapshot.at, keys[i].substr(prefix.size())});
        if (!selects) page.remaining = range.remaining;
        co_return page;
      }
    }
    if (!more) co_return page;
  }
}

Task<Result<Page>> LocalStore::list(Selection selection, ListOptions options) {
  CO_TRY(const auto* definition, definition_of(selection.id));
  if (auto checked = check_field_labels(*definition, selection); !checked)
    co_return fail(std::move(checked).error());
  CO_TRY(Snapshot snapshot, snapshot_of(selection, options));
  if (std::string name = listed_name(selection);
      !name.empty() && snapshot.at == 0 && snapshot.after.empty()) {
    std::string ns = definition->namespaced ? selection.ns : std::string();
    if (!definition->namespaced || !ns.empty()) {
      co_return co_await list_one(std::move(selection), std::move(ns), std::move(name));
    }
  }
  Result<Page> page = co_await list_snapshot(std::move(selection), std::move(snapshot));
  if (!page) co_return fail(list_error(page.error(), !options.continue_token.empty()));
  co_return page;
}

}  // namespace mizan::store
