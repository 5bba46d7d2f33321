# teamflow_embed(target folder pattern namespace)
#
# Compiles the files under `folder` (from the source root, with sub-folders) that match `pattern`
# into `target`, byte for byte. They are read in C++ by
#
#     namespace <namespace> { std::span<const teamflow::infra::embedded_file> files(); }
#
# ordered by path; a path is relative to `folder`. A changed file rebuilds one small object.
function(teamflow_embed target folder pattern namespace)
    set(root ${CMAKE_SOURCE_DIR}/${folder})
    file(GLOB_RECURSE paths CONFIGURE_DEPENDS RELATIVE ${root} ${root}/${pattern})
    list(SORT paths)
    string(REPLACE "::" "_" prefix ${namespace})
    set(bytes "")
    set(symbols "")
    set(rows "")
    set(inputs "")
    set(index 0)
    foreach(path IN LISTS paths)
        set(symbol ${prefix}_${index})
        string(APPEND bytes
            "asm(R\"(.pushsection .rodata\n"
            ".hidden ${symbol}_begin\n.globl ${symbol}_begin\n"
            ".hidden ${symbol}_end\n.globl ${symbol}_end\n"
            "${symbol}_begin:\n.incbin \"${root}/${path}\"\n${symbol}_end:\n.byte 0\n"
            ".popsection)\");\n")
        string(APPEND symbols
            "extern \"C\" const char ${symbol}_begin[];\n"
            "extern \"C\" const char ${symbol}_end[];\n")
        string(APPEND rows "        between(\"${path}\", ${symbol}_begin, ${symbol}_end),\n")
        list(APPEND inputs ${root}/${path})
        math(EXPR index "${index} + 1")
    endforeach()
    list(LENGTH paths count)
    set(generated ${CMAKE_BINARY_DIR}/embedded/${prefix}.cpp)
    file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
"// Made by cmake/embed.cmake from @folder@/@pattern@; do not edit.
#include <array>

#include \"infra/embedded.hpp\"

@bytes@
@symbols@
namespace @namespace@ {

std::span<const teamflow::infra::embedded_file> files();

std::span<const teamflow::infra::embedded_file> files() {
    using teamflow::infra::embedded_file;
    [[maybe_unused]] constexpr auto between = [](std::string_view path, const char* begin,
                                                 const char* end) {
        return embedded_file{path, {begin, static_cast<std::size_t>(end - begin)}};
    };
    static const std::array<embedded_file, @count@> all{
@rows@    };
    return all;
}

}  // namespace @namespace@
")
    set_source_files_properties(${generated} PROPERTIES OBJECT_DEPENDS "${inputs}")
    target_sources(${target} PRIVATE ${generated})
endfunction()
