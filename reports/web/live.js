// A play that goes on: the page listens to its events and draws what is new.

const AGAIN = 2000; // milliseconds until the next try, when the browser has given up

function listen() {
  const state = document.getElementById('state');
  const tell = (kind, text) => { state.className = 'state ' + kind; if (state.textContent !== text) state.textContent = text; };
  tell('lost', 'connecting');
  connect();

  function connect() {
    const events = new EventSource('events');
    const over = () => { events.close(); tell('over', 'over'); };
    events.addEventListener('view', event => {
      takeView(JSON.parse(event.data));
      showPage();
      if (night.view.live) tell('live', 'live');
      else over();
    });
    events.addEventListener('more', event => {
      if (!night.view) return;
      takeMore(JSON.parse(event.data));
      renewPage();
      tell('live', 'live');
    });
    events.addEventListener('end', over);
    events.onerror = () => {
      tell('lost', 'connection lost, trying again');
      if (events.readyState === EventSource.CLOSED) setTimeout(connect, AGAIN);
    };
  }
}
