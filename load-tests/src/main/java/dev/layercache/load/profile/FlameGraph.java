package dev.layercache.load.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A tree of stacks as one page that needs nothing else: a frame is as wide as its share of the
 * samples, what it called stands on it. A click makes a frame as wide as the page, a click on the
 * lowest shows everything again.
 */
final class FlameGraph {
  private static final String HEAD =
      """
      <!doctype html>
      <html lang='en'><head><meta charset='utf-8'><title>%1$s</title>
      <style>
      body { font: 12px/1.3 system-ui, sans-serif; margin: 1rem; color: #111827 }
      .f { position: absolute; height: 17px; overflow: hidden; white-space: nowrap; padding-left: 2px;
        box-sizing: border-box; border: 1px solid #fff; border-radius: 2px; cursor: pointer }
      .j { background: #fdba74 } .o { background: #93c5fd } .n { background: #86efac } .t { background: #d1d5db }
      #g { position: relative; height: %2$dpx }
      </style></head><body>
      <h1>%1$s</h1>
      <p>%3$s Blue: layercache. Orange: other Java. Green: native. A click on a frame zooms.</p>
      <div id='g'>
      """;

  private static final String TAIL =
      """
      </div><script>
      const all = [...document.querySelectorAll('.f')].map(e => [e, parseFloat(e.style.left), parseFloat(e.style.width)]);
      document.getElementById('g').onclick = click => {
        const it = all.find(a => a[0] === click.target);
        if (!it) return;
        for (const [e, x, w] of all) {
          const left = (x - it[1]) / it[2] * 100, width = w / it[2] * 100;
          const around = left < 0 && left + width > 99.99;
          e.style.left = (around ? 0 : left) + '%'; e.style.width = (around ? 100 : width) + '%';
          e.style.display = around || (left > -0.01 && left < 99.99) ? '' : 'none';
        }
      };
      </script></body></html>
      """;

  private static final int ROW = 17;

  /** Frames with a smaller share are left out: nobody could see them. */
  private static final double LEAST_SHARE = 0.0005;

  private final StackTree root;
  private final StringBuilder frames = new StringBuilder();
  private int deepest;

  FlameGraph(StackTree root) {
    this.root = root;
    draw(root, 0, 0);
  }

  /**
   * @param note a sentence on what was sampled
   */
  void write(Path file, String title, String note) throws IOException {
    Files.writeString(
        file, HEAD.formatted(escape(title), (deepest + 1) * ROW, escape(note)) + frames + TAIL);
  }

  private void draw(StackTree frame, long before, int depth) {
    double share = (double) frame.samples() / Math.max(1, root.samples());
    if (share < LEAST_SHARE) {
      return;
    }
    deepest = Math.max(deepest, depth);
    frames.append(
        String.format(
            Locale.ROOT,
            "<div class='f %s' style='left:%.3f%%;width:%.3f%%;bottom:%dpx' title='%s: %d samples, %.1f %%'>%s</div>%n",
            kind(frame.frame()),
            100.0 * before / Math.max(1, root.samples()),
            100 * share,
            depth * ROW,
            escape(frame.frame()),
            frame.samples(),
            100 * share,
            escape(shortened(frame.frame()))));
    long next = before;
    for (var callee : frame.callees()) {
      draw(callee, next, depth + 1);
      next += callee.samples();
    }
  }

  private static String kind(String frame) {
    if (frame.startsWith("dev.layercache.")) {
      return "o";
    }
    if (frame.endsWith(Recording.NATIVE)) {
      return "n";
    }
    return frame.contains(".") ? "j" : "t";
  }

  /** Class and method. */
  private static String shortened(String frame) {
    int method = frame.lastIndexOf('.');
    return frame.substring(frame.lastIndexOf('.', Math.max(0, method - 1)) + 1);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
  }
}
