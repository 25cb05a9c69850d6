package dev.layercache.server.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * What an image is built from: Debian packages in two layers, an application in the third, and a
 * Dockerfile that says so.
 *
 * @param directory holds {@code base.tar}, {@code tools.tar}, {@code app/} and {@code Dockerfile}
 */
record BuildContext(Path directory) {
  static final int LAYERS = 3;

  /** What the application prints. */
  static final String GREETING = "Hello, world!";

  static BuildContext create(Path directory) throws IOException {
    Files.createDirectories(directory);
    var debian = DebianFiles.get();
    var context = new BuildContext(directory);
    Files.copy(debian.base(), context.base(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(debian.tools(), context.tools(), StandardCopyOption.REPLACE_EXISTING);
    Program.require("cp").run("-a", debian.application().toString(), context.app().toString());
    Files.writeString(
        directory.resolve("Dockerfile"),
        """
        FROM scratch
        ADD base.tar /
        ADD tools.tar /
        COPY app /
        CMD ["/usr/bin/hello"]
        """);
    context.changeApp("one");
    return context;
  }

  /** The system, a tar file. */
  Path base() {
    return directory.resolve("base.tar");
  }

  /** A tar file. */
  Path tools() {
    return directory.resolve("tools.tar");
  }

  /** The application, a directory. */
  Path app() {
    return directory.resolve("app");
  }

  /** Makes another application; the layers below it stay as they are. */
  void changeApp(String version) throws IOException {
    Path etc = Files.createDirectories(app().resolve("etc"));
    Files.writeString(etc.resolve("hello.conf"), (version + " ").repeat(2500));
  }

  /** The application in the root file system of an unpacked image runs. */
  static String run(Path rootfs) throws IOException {
    return Program.requireAsRoot("chroot").run(rootfs.toString(), "/usr/bin/hello");
  }
}
