package dev.layercache.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
  @TempDir Path temp;

  @Test
  void onlyTheChangedLayerMovesTheSecondTime() throws IOException {
    var story = new StringWriter();

    var steps = new Demo(temp, new PrintWriter(story), 8 << 20, 1 << 20).run();

    assertThat(steps).hasSize(5);
    for (int first = 0; first < 2; first++) {
      var report = steps.get(first).report();
      assertThat(report.bytesTransferred()).isEqualTo(report.bytesTotal()).isGreaterThan(4 << 20);
    }
    for (int second = 2; second < 4; second++) {
      assertThat(steps.get(second).report().layersTransferred()).isEqualTo(1);
      assertThat(steps.get(second).report().bytesTransferred()).isLessThan(2 << 20);
    }
    assertThat(steps.get(4).report().layersTransferred()).isZero();
    assertThat(story.toString()).contains("agent A pushes app:v1", "agent B pulls app:v2");
  }

  @Test
  void aDifferenceIsFound() throws IOException {
    Path one = Files.createDirectories(temp.resolve("one"));
    Path two = Files.createDirectories(temp.resolve("two"));
    Files.writeString(one.resolve("same"), "same");
    Files.writeString(two.resolve("same"), "same");
    assertThat(Tree.firstDifference(one, two)).isEmpty();

    Files.writeString(one.resolve("other"), "this");
    assertThat(Tree.firstDifference(one, two)).contains(one.resolve("other"));
    Files.writeString(two.resolve("other"), "that");
    assertThat(Tree.firstDifference(one, two)).contains(one.resolve("other"));
  }

  @Test
  void anInterruptEndsItAndNothingIsLeft() throws Exception {
    var err = new StringWriter();
    var running =
        new Thread(
            () ->
                Main.run(
                    new PrintWriter(new StringWriter()),
                    new PrintWriter(err),
                    "demo",
                    "--dir",
                    temp.toString()));
    running.start();
    while (temp.toFile().list().length == 0 && running.isAlive()) {
      Thread.sleep(5);
    }
    running.interrupt();
    running.join(20_000);

    assertThat(running.isAlive()).isFalse();
    assertThat(err.toString()).contains("layercache: ");
    assertThat(temp).isEmptyDirectory();
  }

  @Test
  void aDirectoryThatIsNotThereIsNamed() {
    var err = new StringWriter();

    int code =
        Main.run(
            new PrintWriter(new StringWriter()),
            new PrintWriter(err),
            "demo",
            "--dir",
            temp.resolve("absent").toString());

    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains(temp.resolve("absent").toString());
  }
}
