#pragma once
// What cmake/embed.cmake compiled in: the pattern library, the built-in domains, the proof.

#include <span>

#include "infra/embedded.hpp"

namespace teamflow::generation {

namespace pattern_files {

std::span<const infra::embedded_file> files();

}  // namespace pattern_files

namespace domain_files {

std::span<const infra::embedded_file> files();

}  // namespace domain_files

namespace proof_files {

std::span<const infra::embedded_file> files();

}  // namespace proof_files

}  // namespace teamflow::generation
