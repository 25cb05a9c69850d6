package dev.layercache.load.images;

import dev.layercache.load.images.LayoutWriter.Layer;
import dev.layercache.load.server.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Two real images in two versions each, on one base, which debootstrap makes. {@code debian} adds
 * packages of Debian, and its second version has their upgrades; {@code java} adds a JDK's runtime,
 * libraries, and an application, and its second version has another build of the application.
 *
 * <p>Made once and kept: it takes minutes and the network. Needs root, Debian and what {@link
 * #missing} names.
 */
public final class SampleImages {
  /** Packages with security updates often: Debian carries two versions of them. */
  private static final List<String> PACKAGES =
      List.of(
          "openssl",
          "libssl3",
          "git",
          "curl",
          "libcurl4",
          "python3.11-minimal",
          "libpython3.11-minimal",
          "libpython3.11-stdlib",
          "nginx-light");

  private static final List<String> TOOLS =
      List.of("debootstrap", "apt-get", "apt-cache", "dpkg-deb", "tar");
  private static final String DONE = "complete";

  private final Path directory;
  private final Path jars;
  private final Path work;
  private final Tool shell;

  private SampleImages(Path directory, Path jars, Path work) {
    this.directory = directory;
    this.jars = jars;
    this.work = work;
    this.shell = new Tool(work, List.of());
  }

  /** What is not there that it takes to make them, or to keep a file's owner. */
  public static List<String> missing() {
    var missing = new ArrayList<>(TOOLS.stream().filter(t -> !Tool.isInstalled(t)).toList());
    if (!System.getProperty("user.name").equals("root")) {
      missing.add("the rights of root");
    }
    return missing;
  }

  /**
   * The images, in pairs of versions. Makes them if they are not in {@code directory}.
   *
   * @param jars of a Java application: its libraries, and its own, whose names begin with
   *     layercache
   * @param work is empty and takes a GiB
   */
  public static List<List<SampleImage>> in(Path directory, Path jars, Path work)
      throws IOException, InterruptedException {
    if (!Files.exists(directory.resolve(DONE))) {
      if (Files.exists(directory)) {
        ChildProcess.delete(directory);
      }
      Files.createDirectories(directory);
      new SampleImages(directory, jars, work).make();
      Files.createFile(directory.resolve(DONE));
    }
    return Stream.of("debian", "java")
        .map(name -> Stream.of("v1", "v2").map(tag -> image(directory, name, tag)).toList())
        .toList();
  }

  private static SampleImage image(Path directory, String name, String tag) {
    return new SampleImage("images/" + name, tag, directory.resolve(name + "-" + tag));
  }

  private void make() throws IOException, InterruptedException {
    var base = base();
    image("debian", "v1", base, packages(1));
    image("debian", "v2", base, packages(0));
    var runtime = runtime();
    var libraries = libraries();
    image("java", "v1", base, runtime, libraries, application("v1"));
    image("java", "v2", base, runtime, libraries, application("v2"));
  }

  private void image(String name, String tag, Layer... layers) throws IOException {
    LayoutWriter.image(directory.resolve(name + "-" + tag), tag, List.of(layers));
  }

  private Layer base() throws IOException, InterruptedException {
    var root = work.resolve("base");
    shell.run("debootstrap", "--variant=minbase", release(), root.toString());
    return layer(root);
  }

  private static String release() throws IOException {
    return Files.readAllLines(Path.of("/etc/os-release")).stream()
        .filter(line -> line.startsWith("VERSION_CODENAME="))
        .map(line -> line.substring(line.indexOf('=') + 1))
        .findFirst()
        .orElseThrow(() -> new IOException("/etc/os-release has no VERSION_CODENAME"));
  }

  /**
   * @param age 0 for the newest version of every package, 1 for the one before where there is one
   */
  private Layer packages(int age) throws IOException, InterruptedException {
    var downloads = Files.createDirectory(work.resolve("debs-" + age));
    var root = Files.createDirectory(work.resolve("packages-" + age));
    for (var name : PACKAGES) {
      var versions = versions(name);
      var version = versions.get(Math.min(age, versions.size() - 1));
      shell.run(
          "sh", "-c", "cd '%s' && apt-get download %s=%s".formatted(downloads, name, version));
    }
    for (var file : list(downloads)) {
      shell.run("dpkg-deb", "-x", file.toString(), root.toString());
    }
    return layer(root);
  }

  /** Newest first. */
  private List<String> versions(String name) throws IOException, InterruptedException {
    var versions =
        shell.run("apt-cache", "madison", name).stream()
            .map(line -> line.split("\\|")[1].trim())
            .distinct()
            .toList();
    if (versions.isEmpty()) {
      throw new IOException("Debian's package %s is not known (apt-get update?)".formatted(name));
    }
    return versions;
  }

  private Layer runtime() throws IOException, InterruptedException {
    var root = Files.createDirectories(work.resolve("runtime/opt"));
    var jlink = Path.of(System.getProperty("java.home"), "bin", "jlink").toString();
    shell.run(
        jlink,
        "--add-modules",
        "java.se,jdk.unsupported",
        "--strip-debug",
        "--no-man-pages",
        "--no-header-files",
        "--output",
        root.resolve("java").toString());
    return layer(work.resolve("runtime"));
  }

  private Layer libraries() throws IOException, InterruptedException {
    var root = Files.createDirectories(work.resolve("libraries/app/lib"));
    for (var jar : list(jars)) {
      if (!isOwn(jar)) {
        Files.copy(jar, root.resolve(jar.getFileName()));
      }
    }
    return layer(work.resolve("libraries"));
  }

  /** The application's jars, with its version within, as a build writes it. */
  private Layer application(String version) throws IOException, InterruptedException {
    var tree = work.resolve("application-" + version);
    var root = Files.createDirectories(tree.resolve("app"));
    Files.writeString(work.resolve("version"), version);
    for (var jar : list(jars)) {
      if (isOwn(jar)) {
        var copy = root.resolve(jar.getFileName());
        Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING);
        var tool = Path.of(System.getProperty("java.home"), "bin", "jar").toString();
        shell.run(
            tool,
            "--update",
            "--date=2024-01-01T00:00:00Z",
            "--file",
            copy.toString(),
            "-C",
            work.toString(),
            "version");
      }
    }
    return layer(tree);
  }

  private static boolean isOwn(Path jar) {
    return jar.getFileName().toString().startsWith("layercache");
  }

  private Layer layer(Path root) throws IOException, InterruptedException {
    return LayoutWriter.layer(root, work.resolve(root.getFileName() + ".tar.gz"));
  }

  private static List<Path> list(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
