// Orders to a shim as text.
#include "pods/shim/orders.h"

#include <gtest/gtest.h>

namespace mizan::pods {
namespace {

TEST(OrdersTest, ReadsWhatWasWritten) {
  const Orders orders{{{"main", 3}, {"side", 0}}, {{"main", 67108864}}};

  EXPECT_EQ(read_orders(encode(orders)), orders);
  EXPECT_EQ(encode({}), "");
}

TEST(OrdersTest, SkipsWhatIsNoOrder) {
  EXPECT_EQ(read_orders("hold main\nhold main x\n\nlimit  5\nshout main 3\nhold a 1"),
            (Orders{{{"a", 1}}, {}}));
}

}  // namespace
}  // namespace mizan::pods
