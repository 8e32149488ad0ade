// One stream for each log.
#include "kubernetes/api_pod_logs.h"

#include <fmt/format.h>

#include "kubernetes/query.h"
#include "kubernetes/status_error.h"

namespace mizan::kubernetes {
namespace {

class ApiLogStream final : public store::LogStream {
 public:
  explicit ApiLogStream(std::unique_ptr<HttpStream> stream) : stream_(std::move(stream)) {}
  Task<Result<std::string>> next() override { return stream_->next(); }
  void cancel() override { stream_->cancel(); }

 private:
  std::unique_ptr<HttpStream> stream_;
};

Query query_of(const store::LogOptions& options) {
  Query query;
  if (!options.container.empty()) query.add("container", options.container);
  if (options.follow) query.add("follow", "true");
  if (options.previous) query.add("previous", "true");
  if (options.timestamps) query.add("timestamps", "true");
  if (options.tail_lines) query.add("tailLines", std::to_string(*options.tail_lines));
  if (options.since_seconds) query.add("sinceSeconds", std::to_string(*options.since_seconds));
  if (options.limit_bytes) query.add("limitBytes", std::to_string(*options.limit_bytes));
  if (options.since_time) query.add("sinceTime", format_rfc3339(*options.since_time));
  return query;
}

}  // namespace

Task<Result<std::unique_ptr<store::LogStream>>> ApiPodLogs::open(std::string ns, std::string pod,
                                                                 store::LogOptions options) {
  HttpRequest request{.target = fmt::format("/api/v1/namespaces/{}/pods/{}/log{}", url_encode(ns),
                                            url_encode(pod), query_of(options).text())};
  CO_TRY(auto stream, co_await client_.open(std::move(request)));
  if (stream->status() == 200) co_return std::make_unique<ApiLogStream>(std::move(stream));
  std::string body;
  for (;;) {
    CO_TRY(const std::string bytes, co_await stream->next());
    if (bytes.empty()) break;
    body += bytes;
  }
  const auto status = parse_json(body);
  co_return fail(error_of(stream->status(), status ? status->value : Json(), body));
}

}  // namespace mizan::kubernetes
