// Encoding, and selectors as text.
#include "kubernetes/query.h"

#include "kubernetes/https_client.h"

namespace mizan::kubernetes {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

std::string text_of(const store::LabelRequirement& label) {
  using Operator = store::LabelRequirement::Operator;
  switch (label.op) {
    case Operator::kIn:
      return label.key + " in (" + joined(label.values) + ")";
    case Operator::kNotIn:
      return label.key + " notin (" + joined(label.values) + ")";
    case Operator::kExists:
      return label.key;
    case Operator::kNotExists:
      return "!" + label.key;
    case Operator::kGreaterThan:
      return label.key + " > " + label.values.front();
    case Operator::kLessThan:
      return label.key + " < " + label.values.front();
  }
  return label.key;
}

}  // namespace

void Query::add(std::string_view name, std::string_view value) {
  text_ += text_.empty() ? "?" : "&";
  text_ += std::string(name) + "=" + url_encode(value);
}

Query selection_query(const store::Selection& selection) {
  Query query;
  std::vector<std::string> labels, fields;
  for (const auto& label : selection.labels) labels.push_back(text_of(label));
  for (const auto& field : selection.fields)
    fields.push_back(field.path + (field.equal ? "=" : "!=") + field.value);
  if (!labels.empty()) query.add("labelSelector", joined(labels));
  if (!fields.empty()) query.add("fieldSelector", joined(fields));
  return query;
}

}  // namespace mizan::kubernetes
