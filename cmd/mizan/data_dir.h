// The data directory: everything a server keeps, and who owns it.
//
//   DIR/lock          held by the one server of this directory (flock), with its pid
//   DIR/mizan.db      objects, changes, observations
//   DIR/kubeconfig    for kubectl; rewritten when the address changes
//   DIR/admin.token   DIR/viewer.token   DIR/ca.crt   DIR/address
//   DIR/pki/          the private keys
//   DIR/pods/         one folder for each trial process
// Directory mode 0700, secrets 0600.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/result.h"
#include "kubernetes/https_client.h"

namespace mizan::cmd {

/// The whole file; empty when it is not there.
std::string read_file(const std::filesystem::path& path);

/// `--data-dir`, else $XDG_DATA_HOME/mizan, else ~/.local/share/mizan.
std::filesystem::path default_data_dir();

/// Owns the lock while it lives.
class DataDir {
 public:
  /// Makes the directory if need be and takes the lock. Errors: kAlreadyExists when another server
  /// has it (the message names its pid and address); kForbidden when it can't be made or written.
  static Result<DataDir> open(std::filesystem::path path);

  DataDir(DataDir&& other) noexcept;
  DataDir& operator=(DataDir&& other) = delete;
  ~DataDir();

  const std::filesystem::path& path() const { return path_; }
  std::string database() const { return (path_ / "mizan.db").string(); }
  std::filesystem::path pods() const { return path_ / "pods"; }

  /// The token in DIR/<name>.token, made of 32 random bytes at the first call.
  Result<std::string> token(const std::string& name) const;
  /// Writes by rename, so that a reader sees the old or the new text.
  Result<> write(const std::string& name, const std::string& text, unsigned mode) const;

 private:
  DataDir(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::filesystem::path path_;
  int lock_ = -1;
};

/// How a client reaches the server that owns `path`, when one does.
struct RunningServer {
  std::string address;  // "https://127.0.0.1:8080"
  std::string admin_token;
  std::string ca_certificate;  // PEM
};
kubernetes::Endpoint endpoint_of(const RunningServer& server);
std::optional<RunningServer> find_running_server(const std::filesystem::path& path);

/// A kubeconfig with one cluster, user and context named mizan.
std::string kubeconfig_for(const std::string& address, const std::string& ca_pem,
                           const std::string& token);

}  // namespace mizan::cmd
