// Selectors as the API wants them in a URL.
#include "kubernetes/query.h"

#include <gtest/gtest.h>

namespace mizan::kubernetes {
namespace {

TEST(QueryTest, ValuesAreEncoded) {
  Query query;
  EXPECT_EQ(query.text(), "");
  query.add("labelSelector", "a/b=c d");
  query.add("watch", "true");
  EXPECT_EQ(query.text(), "?labelSelector=a%2Fb%3Dc%20d&watch=true");
}

TEST(QueryTest, ASelectionThatWasParsedIsWrittenWithTheSameMeaning) {
  store::Selection selection({"kubeflow.org", "trials"}, "default");
  selection.labels = *store::parse_label_selector("app in (a,b),!old,tier notin (x),team");
  selection.fields = *store::parse_field_selector("metadata.name=t,status.phase!=Failed");
  const std::string text = selection_query(selection).text();
  EXPECT_EQ(text,
            "?labelSelector=app%20in%20%28a%2Cb%29%2C%21old%2Ctier%20notin%20%28x%29%2Cteam"
            "&fieldSelector=metadata.name%3Dt%2Cstatus.phase%21%3DFailed");
}

}  // namespace
}  // namespace mizan::kubernetes
