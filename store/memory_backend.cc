// Maps, a log of changes, and the reading of older revisions by undoing the log.
#include "store/memory_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mizan::store {
namespace {

std::unexpected<Error> closed() { return fail(Code::kCancelled, "the store is closed"); }

std::unexpected<Error> missing(const std::string& key) {
  return fail(Code::kNotFound, fmt::format("{} does not exist", key));
}

std::unexpected<Error> stale(const Entry& entry, Revision expected) {
  return fail(Code::kConflict,
              fmt::format("{} is at revision {}, not {}", entry.key, entry.modified, expected));
}

}  // namespace

Task<Result<std::optional<Entry>>> MemoryBackend::get(std::string key) {
  if (closed_) co_return closed();
  auto found = entries_.find(key);
  if (found == entries_.end()) co_return std::optional<Entry>();
  co_return std::optional<Entry>(found->second);
}

MemoryBackend::Entries MemoryBackend::as_of(const std::string& prefix, Revision at) const {
  Entries shown;
  for (auto it = entries_.lower_bound(prefix);
       it != entries_.end() && it->first.starts_with(prefix); ++it) {
    shown.emplace_hint(shown.end(), *it);
  }
  // Undo, newest first: the oldest change after `at` has the last word.
  for (auto it = log_.rbegin(); it != log_.rend() && it->revision > at; ++it) {
    const Change& change = *it;
    if (!change.entry.key.starts_with(prefix)) continue;
    if (change.type == Change::Type::kCreated) {
      shown.erase(change.entry.key);
    } else {
      shown[change.entry.key] =
          Entry{change.entry.key, change.previous, change.entry.created, change.previous_modified};
    }
  }
  return shown;
}

Task<Result<Range>> MemoryBackend::list(std::string prefix, Revision at, std::size_t limit,
                                        std::string start_after) {
  if (closed_) co_return closed();
  if (at > current_)
    co_return fail(Code::kTimeout, fmt::format("revision {} is not there yet", at));
  if (at != 0 && at < compacted_)
    co_return fail(Code::kExpired, fmt::format("revision {} was compacted", at));
  Range range;
  range.revision = at == 0 ? current_ : at;
  const Entries shown = as_of(prefix, range.revision);
  auto it = start_after.empty() ? shown.begin() : shown.upper_bound(start_after);
  for (; it != shown.end() && (limit == 0 || range.entries.size() < limit); ++it) {
    range.entries.push_back(it->second);
  }
  range.remaining = static_cast<std::uint64_t>(std::distance(it, shown.end()));
  range.more = range.remaining > 0;
  co_return range;
}

Revision MemoryBackend::commit(Change change) {
  change.revision = ++current_;
  change.entry.modified = change.revision;
  if (change.type == Change::Type::kCreated) change.entry.created = change.revision;
  if (change.type == Change::Type::kDeleted) {
    entries_.erase(change.entry.key);
  } else {
    entries_[change.entry.key] = change.entry;
  }
  log_.push_back(change);
  if (observe_) observe_({std::move(change)});
  return current_;
}

Task<Result<Revision>> MemoryBackend::create(std::string key, Value value) {
  if (closed_) co_return closed();
  if (entries_.contains(key)) co_return fail(Code::kAlreadyExists, fmt::format("{} exists", key));
  Change change;
  change.entry.key = std::move(key);
  change.entry.value = std::move(value);
  co_return commit(std::move(change));
}

Task<Result<Revision>> MemoryBackend::update(std::string key, Value value, Revision expected) {
  if (closed_) co_return closed();
  auto found = entries_.find(key);
  if (found == entries_.end()) co_return missing(key);
  if (found->second.modified != expected) co_return stale(found->second, expected);
  Change change;
  change.type = Change::Type::kUpdated;
  change.previous = found->second.value;
  change.previous_modified = found->second.modified;
  change.entry = found->second;
  change.entry.value = std::move(value);
  co_return commit(std::move(change));
}

Task<Result<Revision>> MemoryBackend::remove(std::string key, Revision expected) {
  if (closed_) co_return closed();
  auto found = entries_.find(key);
  if (found == entries_.end()) co_return missing(key);
  if (found->second.modified != expected) co_return stale(found->second, expected);
  Change change;
  change.type = Change::Type::kDeleted;
  change.entry = found->second;
  change.previous = found->second.value;
  change.previous_modified = found->second.modified;
  co_return commit(std::move(change));
}

Task<Result<std::vector<Change>>> MemoryBackend::changes(std::string prefix, Revision after,
                                                         std::size_t limit) {
  if (closed_) co_return closed();
  if (after < compacted_)
    co_return fail(Code::kExpired, fmt::format("revision {} was compacted", after));
  std::vector<Change> found;
  auto it = std::ranges::upper_bound(log_, after, {}, &Change::revision);
  for (; it != log_.end() && (limit == 0 || found.size() < limit); ++it) {
    if (it->entry.key.starts_with(prefix)) found.push_back(*it);
  }
  co_return found;
}

void MemoryBackend::set_observer(std::function<void(const std::vector<Change>&)> observe) {
  observe_ = std::move(observe);
}

Task<Result<>> MemoryBackend::compact(Revision up_to) {
  if (closed_) co_return closed();
  compacted_ = std::max(compacted_, std::min(up_to, current_));
  while (!log_.empty() && log_.front().revision <= compacted_) log_.pop_front();
  co_return Result<>();
}

}  // namespace mizan::store
