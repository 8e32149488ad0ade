// The tables. Numbers are facts of the Kubernetes API (k8s.io/api, generated.proto of each group).
#include "api/protobuf_kinds.h"

#include <algorithm>

namespace mizan::api {
namespace {

using F = ProtobufField;
using T = ProtobufField::Type;

constexpr F kOwnerFields[] = {{1, "kind"},
                              {3, "name"},
                              {4, "uid"},
                              {5, "apiVersion"},
                              {6, "controller", T::kSetBool},
                              {7, "blockOwnerDeletion", T::kSetBool}};
constexpr ProtobufMessage kOwner{"meta.v1.OwnerReference", kOwnerFields};

constexpr F kMetaFields[] = {{1, "name"},
                             {2, "generateName"},
                             {3, "namespace"},
                             {4, "selfLink"},
                             {5, "uid"},
                             {6, "resourceVersion"},
                             {7, "generation", T::kInteger},
                             {8, "creationTimestamp", T::kTime},
                             {9, "deletionTimestamp", T::kTime},
                             {10, "deletionGracePeriodSeconds", T::kSetInteger},
                             {11, "labels", T::kTextMap},
                             {12, "annotations", T::kTextMap},
                             {13, "ownerReferences", T::kMessage, &kOwner, true},
                             {14, "finalizers", T::kText, nullptr, true}};
constexpr ProtobufMessage kMeta{"meta.v1.ObjectMeta", kMetaFields};

constexpr F kMetaOnlyFields[] = {{1, "metadata", T::kMessage, &kMeta}};
constexpr ProtobufMessage kMetaOnly{"authentication.v1.SelfSubjectReview", kMetaOnlyFields};

constexpr F kNamespaceSpecFields[] = {{1, "finalizers", T::kText, nullptr, true}};
constexpr ProtobufMessage kNamespaceSpec{"core.v1.NamespaceSpec", kNamespaceSpecFields};
constexpr F kNamespaceFields[] = {{1, "metadata", T::kMessage, &kMeta},
                                  {2, "spec", T::kMessage, &kNamespaceSpec}};
constexpr ProtobufMessage kNamespace{"core.v1.Namespace", kNamespaceFields};

constexpr F kConfigMapFields[] = {{1, "metadata", T::kMessage, &kMeta},
                                  {2, "data", T::kTextMap},
                                  {3, "binaryData", T::kBytesMap},
                                  {4, "immutable", T::kSetBool}};
constexpr ProtobufMessage kConfigMap{"core.v1.ConfigMap", kConfigMapFields};

constexpr F kSecretFields[] = {{1, "metadata", T::kMessage, &kMeta},
                               {2, "data", T::kBytesMap},
                               {3, "type"},
                               {4, "stringData", T::kTextMap},
                               {5, "immutable", T::kSetBool}};
constexpr ProtobufMessage kSecret{"core.v1.Secret", kSecretFields};

constexpr F kServiceAccountFields[] = {{1, "metadata", T::kMessage, &kMeta},
                                       {4, "automountServiceAccountToken", T::kSetBool}};
constexpr ProtobufMessage kServiceAccount{"core.v1.ServiceAccount", kServiceAccountFields};

constexpr F kEnvFields[] = {{1, "name"}, {2, "value"}};
constexpr ProtobufMessage kEnv{"core.v1.EnvVar", kEnvFields};
constexpr F kResourcesFields[] = {{1, "limits", T::kQuantityMap}, {2, "requests", T::kQuantityMap}};
constexpr ProtobufMessage kResources{"core.v1.ResourceRequirements", kResourcesFields};
constexpr F kContainerFields[] = {{1, "name"},
                                  {2, "image"},
                                  {3, "command", T::kText, nullptr, true},
                                  {4, "args", T::kText, nullptr, true},
                                  {5, "workingDir"},
                                  {7, "env", T::kMessage, &kEnv, true},
                                  {8, "resources", T::kMessage, &kResources},
                                  {13, "terminationMessagePath"},
                                  {14, "imagePullPolicy"},
                                  {16, "stdin", T::kBool},
                                  {17, "stdinOnce", T::kBool},
                                  {18, "tty", T::kBool},
                                  {20, "terminationMessagePolicy"}};
constexpr ProtobufMessage kContainer{"core.v1.Container", kContainerFields};
constexpr F kPodSpecFields[] = {{2, "containers", T::kMessage, &kContainer, true},
                                {3, "restartPolicy"},
                                {4, "terminationGracePeriodSeconds", T::kSetInteger},
                                {5, "activeDeadlineSeconds", T::kSetInteger},
                                {6, "dnsPolicy"},
                                {7, "nodeSelector", T::kTextMap},
                                {8, "serviceAccountName"},
                                {9, "serviceAccount"},
                                {10, "nodeName"},
                                {11, "hostNetwork", T::kBool},
                                {12, "hostPID", T::kBool},
                                {13, "hostIPC", T::kBool},
                                {19, "schedulerName"},
                                {20, "initContainers", T::kMessage, &kContainer, true}};
constexpr ProtobufMessage kPodSpec{"core.v1.PodSpec", kPodSpecFields};
constexpr F kPodTemplateFields[] = {{1, "metadata", T::kMessage, &kMeta},
                                    {2, "spec", T::kMessage, &kPodSpec}};
constexpr ProtobufMessage kPodTemplate{"core.v1.PodTemplateSpec", kPodTemplateFields};
constexpr F kPodFields[] = {{1, "metadata", T::kMessage, &kMeta},
                            {2, "spec", T::kMessage, &kPodSpec}};
constexpr ProtobufMessage kPod{"core.v1.Pod", kPodFields};

constexpr F kSelectorFields[] = {{1, "matchLabels", T::kTextMap}};
constexpr ProtobufMessage kSelector{"meta.v1.LabelSelector", kSelectorFields};
constexpr F kJobSpecFields[] = {{1, "parallelism", T::kSetInteger},
                                {2, "completions", T::kSetInteger},
                                {3, "activeDeadlineSeconds", T::kSetInteger},
                                {4, "selector", T::kMessage, &kSelector},
                                {5, "manualSelector", T::kSetBool},
                                {6, "template", T::kMessage, &kPodTemplate},
                                {7, "backoffLimit", T::kSetInteger},
                                {8, "ttlSecondsAfterFinished", T::kSetInteger},
                                {9, "completionMode"},
                                {10, "suspend", T::kSetBool}};
constexpr ProtobufMessage kJobSpec{"batch.v1.JobSpec", kJobSpecFields};
constexpr F kJobFields[] = {{1, "metadata", T::kMessage, &kMeta},
                            {2, "spec", T::kMessage, &kJobSpec}};
constexpr ProtobufMessage kJob{"batch.v1.Job", kJobFields};

constexpr F kResourceAttributesFields[] = {{1, "namespace"}, {2, "verb"},     {3, "group"},
                                           {4, "version"},   {5, "resource"}, {6, "subresource"},
                                           {7, "name"}};
constexpr ProtobufMessage kResourceAttributes{"authorization.v1.ResourceAttributes",
                                              kResourceAttributesFields};
constexpr F kPathAttributesFields[] = {{1, "path"}, {2, "verb"}};
constexpr ProtobufMessage kPathAttributes{"authorization.v1.NonResourceAttributes",
                                          kPathAttributesFields};
constexpr F kAccessSpecFields[] = {{1, "resourceAttributes", T::kMessage, &kResourceAttributes},
                                   {2, "nonResourceAttributes", T::kMessage, &kPathAttributes}};
constexpr ProtobufMessage kAccessSpec{"authorization.v1.SelfSubjectAccessReviewSpec",
                                      kAccessSpecFields};
constexpr F kAccessFields[] = {{1, "metadata", T::kMessage, &kMeta},
                               {2, "spec", T::kMessage, &kAccessSpec}};
constexpr ProtobufMessage kAccess{"authorization.v1.SelfSubjectAccessReview", kAccessFields};
constexpr F kRulesSpecFields[] = {{1, "namespace"}};
constexpr ProtobufMessage kRulesSpec{"authorization.v1.SelfSubjectRulesReviewSpec",
                                     kRulesSpecFields};
constexpr F kRulesFields[] = {{1, "metadata", T::kMessage, &kMeta},
                              {2, "spec", T::kMessage, &kRulesSpec}};
constexpr ProtobufMessage kRules{"authorization.v1.SelfSubjectRulesReview", kRulesFields};

constexpr F kPreconditionsFields[] = {{1, "uid"}, {2, "resourceVersion"}};
constexpr ProtobufMessage kPreconditions{"meta.v1.Preconditions", kPreconditionsFields};
constexpr F kDeleteFields[] = {{1, "gracePeriodSeconds", T::kSetInteger},
                               {2, "preconditions", T::kMessage, &kPreconditions},
                               {3, "orphanDependents", T::kSetBool},
                               {4, "propagationPolicy"},
                               {5, "dryRun", T::kText, nullptr, true}};
constexpr ProtobufMessage kDelete{"meta.v1.DeleteOptions", kDeleteFields};

struct Kind {
  std::string_view api_version, kind;
  const ProtobufMessage* message;
};
constexpr Kind kKinds[] = {
    {"v1", "Namespace", &kNamespace},
    {"v1", "ConfigMap", &kConfigMap},
    {"v1", "Secret", &kSecret},
    {"v1", "ServiceAccount", &kServiceAccount},
    {"v1", "Pod", &kPod},
    {"batch/v1", "Job", &kJob},
    {"authorization.k8s.io/v1", "SelfSubjectAccessReview", &kAccess},
    {"authorization.k8s.io/v1", "SelfSubjectRulesReview", &kRules},
    {"authentication.k8s.io/v1", "SelfSubjectReview", &kMetaOnly},
    {"v1", "DeleteOptions", &kDelete},
};

}  // namespace

const ProtobufField* ProtobufMessage::find(std::uint32_t number) const {
  const auto found = std::ranges::find(fields, number, &ProtobufField::number);
  return found == fields.end() ? nullptr : &*found;
}

const ProtobufMessage* protobuf_kind(std::string_view api_version, std::string_view kind) {
  for (const Kind& known : kKinds) {
    if (known.kind != kind) continue;
    // DeleteOptions travel under the version of what is deleted.
    if (known.api_version == api_version || kind == "DeleteOptions") return known.message;
  }
  return nullptr;
}

}  // namespace mizan::api
