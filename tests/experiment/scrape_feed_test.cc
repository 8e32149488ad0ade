// Prometheus endpoints: good ones, and those that hang, lie, or aren't there.
#include "experiment/scrape_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <list>

#include "experiment/prometheus_text.h"
#include "experiment/scrape_client.h"
#include "tests/support/manual_clock.h"
#include "tests/support/run_task.h"
#include "tests/support/run_until.h"

namespace mizan::experiment {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Answers each connection with the next of `answers`, then with the last again, whatever was
/// asked.
class Endpoint {
 public:
  explicit Endpoint(asio::io_context& io)
      : acceptor_(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {
    asio::co_spawn(io, accept(), asio::detached);
  }
  ~Endpoint() { acceptor_.close(); }
  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }

  static std::string page(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::deque<std::string> answers;
  std::size_t piece = 0;  // an answer is sent in pieces of so many bytes; 0: at once
  bool hangs = false;     // leaves connections open after what it said
  std::size_t asked = 0;

 private:
  Task<> accept() {
    boost::system::error_code error;
    while (!error) {
      tcp::socket socket = co_await acceptor_.async_accept(into(error));
      if (error) co_return;
      ++asked;
      const std::string answer = answers.empty() ? "" : answers.front();
      if (answers.size() > 1) answers.pop_front();
      socket.set_option(tcp::no_delay(true), error);
      const std::size_t step = piece == 0 ? std::max<std::size_t>(1, answer.size()) : piece;
      for (std::size_t at = 0; at < answer.size() && !error; at += step) {
        co_await asio::async_write(socket, asio::buffer(answer.substr(at, step)), into(error));
      }
      error.clear();
      if (hangs) held_.push_back(std::move(socket));
    }
  }
  tcp::acceptor acceptor_;
  std::list<tcp::socket> held_;
};

class ScrapeTest : public ::testing::Test {
 protected:
  ScrapeEndpoint at(const Endpoint& endpoint) {
    ScrapeEndpoint place;
    place.host = "127.0.0.1";
    place.port = endpoint.port();
    return place;
  }
  std::string problem(const Endpoint& endpoint, std::chrono::milliseconds patience = 5s) {
    const auto body =
        mizan::testing::run_task(io, scrape(io.get_executor(), at(endpoint), patience));
    return body ? "none" : std::string(to_string(body.error().code)) + ": " + body.error().message;
  }
  std::unique_ptr<MetricsFeed> feed_of(const Endpoint& endpoint) {
    FeedTarget target;
    target.address = "127.0.0.1";
    target.metrics = {"loss"};
    target.collector.http_get = {{"port", std::stoi(endpoint.port())}, {"path", "/metrics"}};
    auto feed = open_scrape(io.get_executor(), clock, std::move(target), 1ms);
    if (!feed) throw std::runtime_error(feed.error().message);
    return *std::move(feed);
  }

  asio::io_context io;
  mizan::testing::ManualClock clock;
};

TEST_F(ScrapeTest, GivesThePage) {
  Endpoint endpoint(io);
  endpoint.answers = {Endpoint::page("loss 1\n")};
  const auto body = mizan::testing::run_task(io, scrape(io.get_executor(), at(endpoint)));
  ASSERT_TRUE(body) << body.error().message;
  EXPECT_EQ(*body, "loss 1\n");
}

TEST_F(ScrapeTest, APageInAnyPiecesGivesTheSameMeasurements) {
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n# a\nlos\r\n9\r\ns 0.25\nx "
      "\r\n2\r\n1\n\r\n0\r\n\r\n";
  for (const std::string& answer : {Endpoint::page("# a\nloss 0.25\nx 1\n"), chunked}) {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 11U, 0U}) {
      Endpoint endpoint(io);
      endpoint.answers = {answer};
      endpoint.piece = piece;
      const auto body = mizan::testing::run_task(io, scrape(io.get_executor(), at(endpoint)));
      ASSERT_TRUE(body) << body.error().message;
      EXPECT_EQ(*body, "# a\nloss 0.25\nx 1\n") << piece;
      MetricsNotes notes;
      const auto found = read_prometheus(*body, {"loss"}, notes);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].second.value, "0.25");
    }
  }
}

TEST_F(ScrapeTest, AnEndpointThatHangsIsLeftAlone) {
  Endpoint endpoint(io);
  endpoint.hangs = true;
  for (const char* said :
       {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nloss"}) {
    endpoint.answers = {said};
    EXPECT_THAT(problem(endpoint, 50ms), HasSubstr("Timeout: its endpoint 127.0.0.1:")) << said;
  }
}

TEST_F(ScrapeTest, AnEndpointThatLiesIsNotBelieved) {
  Endpoint endpoint(io);
  const struct {
    std::string answer;
    const char* problem;
  } cases[] = {
      {"", "gave no answer that can be read"},
      {"220 mail ready\r\n", "gave no answer that can be read"},
      {std::string("\0\xff\x01\r\n\r\n", 7), "gave no answer that can be read"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nloss 1\n", "gave no answer that can be read"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nloss 1\n", "said more than 4 MiB"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
       "gave no answer that can be read"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n", "said more than 4 MiB"},
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answered with status 404"},
      {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
       "answered with status 302"},
  };
  for (const auto& one : cases) {
    endpoint.answers = {one.answer};
    EXPECT_THAT(problem(endpoint), HasSubstr(one.problem)) << one.answer.substr(0, 60);
  }
}

TEST_F(ScrapeTest, NobodyListening) {
  std::string port;
  {
    Endpoint gone(io);
    port = gone.port();
    io.poll();
  }
  io.restart();
  ScrapeEndpoint place;
  place.host = "127.0.0.1";
  place.port = port;
  const auto body = mizan::testing::run_task(io, scrape(io.get_executor(), place));
  ASSERT_FALSE(body);
  EXPECT_THAT(body.error().message, HasSubstr("could not be reached"));
}

TEST_F(ScrapeTest, WhatIsSaidAgainIsNotAMeasurement) {
  Endpoint endpoint(io);
  endpoint.answers = {Endpoint::page("loss 3\n"), Endpoint::page("loss 3\n"), "",
                      Endpoint::page("loss 2 1638422847250\n")};
  const auto feed = feed_of(endpoint);
  const auto first = mizan::testing::run_task(io, feed->next());
  ASSERT_TRUE(first);
  ASSERT_EQ(first->rows.size(), 1U);
  EXPECT_EQ(first->rows[0].value, "3");
  EXPECT_EQ(first->rows[0].time, clock.now());
  const auto second = mizan::testing::run_task(io, feed->next());
  ASSERT_EQ(second->rows.size(), 1U);
  EXPECT_EQ(second->rows[0].value, "2");
  EXPECT_EQ(format_rfc3339(*second->rows[0].time), "2021-12-02T05:27:27Z");
  EXPECT_GE(endpoint.asked, 4U);
}

TEST_F(ScrapeTest, EndsWithItsContainerAndSaysWhyThereWasNothing) {
  Endpoint endpoint(io);
  endpoint.answers = {"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"};
  const auto feed = feed_of(endpoint);
  std::optional<Result<FeedBatch>> last;
  asio::co_spawn(io, feed->next(), [&](const std::exception_ptr&, Result<FeedBatch> batch) {
    last = std::move(batch);
  });
  mizan::testing::run_until(io, [&] { return endpoint.asked >= 2; });
  feed->container_ended();
  mizan::testing::run_until(io, [&] { return last.has_value(); });
  ASSERT_TRUE(*last);
  EXPECT_TRUE((*last)->end);
  EXPECT_THAT(feed->notes().damage, HasSubstr("answered with status 500"));
}

TEST_F(ScrapeTest, RefusesWhatItCannotAsk) {
  FeedTarget target;
  target.collector.http_get = {{"port", 80}, {"scheme", "HTTPS"}};
  EXPECT_EQ(open_scrape(io.get_executor(), clock, target).error().code, Code::kInvalid);
  target.collector.http_get = {{"port", 80}};
  EXPECT_EQ(open_scrape(io.get_executor(), clock, target).error().code, Code::kUnavailable);
  target.address = "127.0.0.1";
  target.collector.http_get = Json::object();
  EXPECT_EQ(open_scrape(io.get_executor(), clock, target).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace mizan::experiment
