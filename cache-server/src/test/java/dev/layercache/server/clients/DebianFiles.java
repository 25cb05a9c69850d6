package dev.layercache.server.clients;

import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Packages of this machine's Debian, unpacked: what real images are made of. They are fetched by
 * the first test that needs them and kept in the user's cache directory; without apt's lists or a
 * network the tests are skipped (in CI they fail).
 *
 * @param directory holds {@code base.tar}, {@code tools.tar} and the files of the application
 */
record DebianFiles(Path directory) {
  /** A system in which programs run. */
  private static final List<String> BASE =
      List.of(
          "base-files",
          "libc6",
          "libtinfo6",
          "libselinux1",
          "libpcre2-8-0",
          "libacl1",
          "libattr1",
          "libgmp10",
          "bash",
          "coreutils");

  private static final List<String> TOOLS = List.of("findutils", "grep", "gzip", "sed", "tar");

  /** It greets the world. */
  private static final List<String> APPLICATION = List.of("hello");

  /** As in Debian's slim images: nothing runs worse without it. */
  private static final List<String> LEFT_OUT =
      List.of("usr/share/doc", "usr/share/info", "usr/share/locale", "usr/share/man");

  static DebianFiles get() throws IOException {
    Path directory = cache().resolve("debian-" + version());
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory.getParent());
      Path made = Files.createTempDirectory(directory.getParent(), "making-");
      unpack(BASE, made.resolve("base"));
      unpack(TOOLS, made.resolve("tools"));
      unpack(APPLICATION, made.resolve("app"));
      pack(made.resolve("base"), made.resolve("base.tar"));
      pack(made.resolve("tools"), made.resolve("tools.tar"));
      publish(made, directory);
    }
    return new DebianFiles(directory);
  }

  private static Path cache() {
    return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
        .map(Path::of)
        .orElse(Path.of(System.getProperty("user.home"), ".cache"))
        .resolve("layercache-tests");
  }

  /** Other packages, another directory. */
  private static String version() {
    String packages = "%s %s %s without %s".formatted(BASE, TOOLS, APPLICATION, LEFT_OUT);
    return Digest.of(packages.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 12);
  }

  private static void unpack(List<String> packages, Path into) throws IOException {
    Path archives = Files.createDirectories(into.resolveSibling("archives-" + into.getFileName()));
    Program.require("apt-get")
        .in(archives)
        .runOrSkip(
            "Debian packages cannot be fetched (apt-get update was never run, or no network)",
            Stream.concat(Stream.of("download"), packages.stream()).toArray(String[]::new));
    var unpacker = Program.require("dpkg-deb");
    try (var found = Files.list(archives)) {
      for (var archive : found.toList()) {
        unpacker.run("-x", archive.toString(), into.toString());
      }
    }
    for (String path : LEFT_OUT) {
      Program.remove(into.resolve(path));
    }
    Program.remove(archives);
  }

  /** As {@code tar} packs it, the same bytes each time. */
  static void pack(Path files, Path tar) throws IOException {
    Program.require("tar")
        .run(
            "--sort=name",
            "--mtime=@0",
            "--numeric-owner",
            "-C",
            files.toString(),
            "-cf",
            tar.toString(),
            ".");
  }

  /** Another test run may have been faster. */
  private static void publish(Path made, Path directory) throws IOException {
    try {
      Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
      Program.remove(made);
    }
  }

  Path base() {
    return directory.resolve("base.tar");
  }

  Path tools() {
    return directory.resolve("tools.tar");
  }

  /** A directory, not to be changed. */
  Path application() {
    return directory.resolve("app");
  }
}
