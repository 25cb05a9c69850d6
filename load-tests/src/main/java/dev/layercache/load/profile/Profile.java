package dev.layercache.load.profile;

import java.io.IOException;
import java.nio.file.Path;

/** Draws a flame graph beside each recording that is named on the command line. */
public final class Profile {
  private Profile() {}

  public static void main(String[] files) throws IOException {
    for (var file : files) {
      var recording = Recording.read(Path.of(file));
      var page = Path.of(file.replaceFirst("\\.jfr$", "") + ".html");
      new FlameGraph(recording.tree()).write(page, page.getFileName().toString(), recording.note());
      System.out.println("flame graph: " + page.toUri());
    }
  }
}
