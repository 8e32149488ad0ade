// A corpus that is made up here: forty articles on invented animals, each with a question whose
// answer is in it. Small enough for the sanitizers, large enough to rank.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "examples/rag/text/library.h"
#include "examples/rag/trial/random.h"

namespace mizan::rag {

inline Dataset small_dataset() {
  const std::vector<std::string> animals{"marsh heron", "sand viper",  "cave otter", "snow finch",
                                         "reed beetle", "iron crab",   "glass moth", "river mole",
                                         "stone gecko", "cloud weasel"};
  const std::vector<std::string> topics{"feeding", "nesting", "migration", "voice"};
  const std::vector<std::string> facts{
      "It eats {} small fish and insects before every sunrise near the water.",
      "The nest of {} dry twigs is built under old roofs by both parents.",
      "Every autumn it travels {} kilometres along the coast to warmer valleys.",
      "Its call repeats {} short notes that shepherds know from far away."};
  Dataset out;
  out.name = "animals";
  Random random(11, 1);
  for (std::size_t animal = 0; animal < animals.size(); ++animal) {
    for (std::size_t topic = 0; topic < topics.size(); ++topic) {
      const std::string number = std::to_string(11 + 7 * animal + 3 * topic);
      const std::string fact = fmt::format(fmt::runtime(facts[topic]), number);
      Document document{.id = fmt::format("{}-{}", animal, topic), .text = {}};
      document.text = fmt::format(
          "The {0} is described here with regard to {1}. Observers of the {0} keep long records of "
          "its {1}.\n\n{2} Many books on {1} mention this. Nobody has shown why the {0} does so, "
          "and "
          "the question of {1} stays open.",
          animals[animal], topics[topic], fact);
      // Words of no meaning, each in a few articles, so that there is something for vectors to
      // learn.
      document.text += "\n\nAlso seen there:";
      const int words = 25 + static_cast<int>(random.uniform() * 60);
      for (int at = 0; at < words; ++at) {
        document.text += fmt::format(" thing{}", static_cast<int>(random.uniform() * 420));
      }
      document.text += ".";
      const std::size_t begin = document.text.find(fact);
      out.questions.push_back(
          {.id = "q" + document.id,
           .text = fmt::format("What is known about the {}s of the {}s?", topics[topic],
                               animals[animal]),
           .answers = {fact},
           .gold = {{.document = static_cast<std::uint32_t>(out.documents.size()),
                     .begin = static_cast<std::uint32_t>(begin),
                     .end = static_cast<std::uint32_t>(begin + fact.size()),
                     .whole = false}}});
      out.documents.push_back(std::move(document));
    }
  }
  return out;
}

inline std::shared_ptr<const Library> small_library() {
  static const auto library = std::make_shared<const Library>(small_dataset());
  return library;
}

}  // namespace mizan::rag
