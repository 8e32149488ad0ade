// What an answer should look like, from the Accept header.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/http.h"

namespace mizan::api {

enum class Form {
  kObject,     // the object or list itself
  kTable,      // meta.k8s.io Table: what kubectl get prints
  kPartial,    // PartialObjectMetadata(List)
  kDiscovery,  // apidiscovery.k8s.io APIGroupDiscoveryList
};

struct Negotiated {
  Form form = Form::kObject;
  bool yaml = false;
  std::string version;  // of the form: "v1", "v1beta1", "v2", "v2beta1"
};

/// The first entry of `accept` that can be served; an empty header takes anything. nullopt: none
/// (406). `with_discovery` also allows kDiscovery; otherwise Table and Partial are allowed.
std::optional<Negotiated> negotiate(std::string_view accept, bool with_discovery);

/// 406 as kube-apiserver says it.
Error not_acceptable();

/// A Content-Type without its parameters, in lower case.
std::string media_type(std::string_view content_type);

}  // namespace mizan::api
