// Whoever is left out goes to the end of the row.
#include "suggestion/peer_curves.h"

#include <utility>

namespace mizan::suggestion {

void PeerCurves::put(const algorithms::Curve& curve) {
  if (places_.try_emplace(&curve, curves_.size()).second) curves_.push_back(&curve);
}

void PeerCurves::remove(const algorithms::Curve& curve) {
  const auto place = places_.find(&curve);
  if (place == places_.end()) return;
  swap(place->second, curves_.size() - 1);
  curves_.pop_back();
  places_.erase(&curve);
}

std::span<const algorithms::Curve* const> PeerCurves::others(const algorithms::Curve& curve) {
  const auto place = places_.find(&curve);
  if (place == places_.end()) return curves_;
  swap(place->second, curves_.size() - 1);
  return std::span<const algorithms::Curve* const>(curves_).first(curves_.size() - 1);
}

void PeerCurves::swap(std::size_t a, std::size_t b) {
  std::swap(curves_[a], curves_[b]);
  places_[curves_[a]] = a;
  places_[curves_[b]] = b;
}

}  // namespace mizan::suggestion
