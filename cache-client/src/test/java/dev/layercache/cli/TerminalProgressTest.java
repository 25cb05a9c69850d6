package dev.layercache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.MediaTypes;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TerminalProgressTest {
  private final StringWriter screen = new StringWriter();
  private final TerminalProgress progress = new TerminalProgress(new PrintWriter(screen), 80);

  @Test
  void whatStaysOnTheScreenIsALinePerLayer() {
    progress.started(layer(1), 0);
    progress.started(layer(2), 50);
    progress.alreadyThere(layer(3));
    progress.progressed(layer(1), 100);
    progress.finished(layer(1));
    progress.close();

    assertThat(shown()).hasSize(2);
    assertThat(shown().get(0)).contains("already there");
    assertThat(shown().get(1)).contains("done");
  }

  @Test
  void aBarFillsUpAndStartsWhereAnEarlierAttemptStopped() {
    progress.started(layer(1), 50);

    assertThat(shown()).singleElement().asString().contains("[" + "=".repeat(12) + " ".repeat(12));
    assertThat(shown().get(0)).contains("50 B / 100 B");
  }

  @Test
  void manifestsAndConfigsAreNotShown() {
    progress.started(new Descriptor(MediaTypes.OCI_MANIFEST, Digest.EMPTY, 0), 0);
    progress.finished(new Descriptor(MediaTypes.OCI_MANIFEST, Digest.EMPTY, 0));
    progress.alreadyThere(new Descriptor(MediaTypes.OCI_CONFIG, Digest.EMPTY, 0));

    assertThat(screen.toString()).isEmpty();
  }

  @Test
  void noLineIsWiderThanTheTerminalAndBarsAreBounded() {
    var narrow = new TerminalProgress(new PrintWriter(screen), 40);
    for (int i = 0; i < 100; i++) {
      narrow.started(layer(i), 0);
    }

    assertThat(shown()).hasSize(16).allMatch(line -> line.length() < 40);
  }

  /** What a terminal shows in the end: every ERASE takes so many lines off the bottom. */
  private List<String> shown() {
    var lines = new ArrayList<String>();
    for (String part : screen.toString().split("(?=\u001b\\[[0-9]+A)")) {
      var erase = Pattern.compile("^\u001b\\[([0-9]+)A\u001b\\[J").matcher(part);
      String text = part;
      if (erase.find()) {
        for (int i = Integer.parseInt(erase.group(1)); i > 0; i--) {
          lines.remove(lines.size() - 1);
        }
        text = part.substring(erase.end());
      }
      text.lines().forEach(lines::add);
    }
    return lines;
  }

  private static Descriptor layer(int number) {
    return new Descriptor(MediaTypes.OCI_LAYER, Digest.of(new byte[] {(byte) number}), 100);
  }
}
