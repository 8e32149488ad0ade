// The one file that compiles Asio's own code (BOOST_ASIO_SEPARATE_COMPILATION), its TLS part
// included.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
