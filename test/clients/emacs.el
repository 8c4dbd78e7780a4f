;;; A debug session in Emacs, with Debian's elpa-dap-mode: a client that shares no code with ours.  -*- lexical-binding: t -*-
;;
;; emacs --batch -l emacs.el NODE CLI SCENARIO, with CLI the built cli.mjs. Prints what dap-mode shows at each stop,
;; a line each. Fails if something does not come within two minutes.

;; What dap-mode and lsp-mode keep from session to session, they keep here.
(setq user-emacs-directory (file-name-as-directory (make-temp-file "lockbreak-emacs" t)))
(add-hook 'kill-emacs-hook (lambda () (delete-directory user-emacs-directory t)))
(require 'package)
(package-initialize)
(require 'dap-mode)
(setq dap-auto-configure-features nil
      backtrace-on-error-noninteractive nil)
;; As dap-ui has it: which exception filters are on. Those that stop at tracepoints are off here.
(defvar dap-exception-breakpoints '(("lockbreak" ("lockbreak" . nil))))

(defvar stops 0 "How often the session has stopped.")
(defvar last-stop nil "The body of the last `stopped' event.")
(advice-add 'dap--on-event :before
            (lambda (_session event)
              (when (equal (gethash "event" event) "stopped")
                (setq last-stop (gethash "body" event) stops (1+ stops)))))

(defun wait-until (what holds)
  "Wait until HOLDS, a function, returns non-nil; WHAT says for what."
  (let ((deadline (+ (float-time) 120)))
    (while (not (funcall holds))
      (when (> (float-time) deadline) (error "Waited two minutes for %s" what))
      (accept-process-output nil 0.01))))

(defun show (&rest parts) (princ (concat (mapconcat (lambda (part) (format "%s" part)) parts " ") "\n")))

(defun set-function-breakpoint (session)
  "Stop SESSION at a tracepoint: dap-mode has no command for that."
  (dap--send-message
   (dap--make-request "setFunctionBreakpoints" (list :breakpoints (vector (list :name "lockbreak" :condition "mapping == data"))))
   (dap--resp-handler
    (lambda (answer)
      (dolist (one (gethash "breakpoints" (gethash "body" answer)))
        (show "function breakpoint" (if (gethash "verified" one) "verified" (gethash "message" one))))))
   session))

(defun parts (session command key &rest arguments)
  "What SESSION answers to COMMAND with ARGUMENTS: the list KEY of it."
  (gethash key (apply #'dap-request session command arguments)))

(defun named (name things)
  (seq-find (lambda (one) (equal (gethash "name" one) name)) things))

(defun show-stop (session)
  "Print where SESSION has stopped, as dap-mode has it."
  (let* ((frames (gethash (dap--debug-session-thread-id session) (dap--debug-session-thread-stack-frames session)))
         (frame (dap--debug-session-active-frame session))
         (scopes (parts session "scopes" "scopes" :frameId (gethash "id" frame)))
         (details (named "Details" scopes)))
    (show "stopped:" (gethash "description" last-stop))
    (show "stack:" (mapconcat (lambda (one) (gethash "name" one)) frames " < "))
    ;; dap-mode has opened the file and gone to the line.
    (with-current-buffer (window-buffer)
      (show "at:" (buffer-name) (if (= (line-number-at-pos (window-point)) (gethash "line" frame)) "there" "elsewhere")
            (string-trim (buffer-substring (line-beginning-position) (line-end-position)))))
    (when details
      (let ((variables (parts session "variables" "variables" :variablesReference (gethash "variablesReference" details))))
        (show "restart_addr:" (gethash "value" (named "restart_addr" variables)))))))

(defun go (what command)
  "Let the session move by COMMAND, and print where it stops."
  (let ((before stops))
    (funcall command)
    (wait-until (concat "a stop after " what)
                (lambda () (and (> stops before) (dap--cur-session) (dap--debug-session-active-frame (dap--cur-session)))))
    (show ">" what)
    (show-stop (dap--cur-session))))

(pcase-let ((`(,node ,cli ,scenario) command-line-args-left))
  (setq command-line-args-left nil)
  (add-hook 'dap-session-created-hook #'set-function-breakpoint)
  (find-file scenario)
  (search-forward "truncate(data")
  (dap-breakpoint-add)
  (go "launch" (lambda ()
                 (dap-start-debugging (list :type "lockbreak" :request "launch" :name "Lockbreak" :program (buffer-file-name)
                                            :dap-server-path (list node cli "debug-adapter")))))
  (let ((session (dap--cur-session)))
    (go "continue" (lambda () (dap-continue session (dap--debug-session-thread-id session))))
    (go "next" (lambda () (dap-next session)))
    (go "step back" (lambda () (dap--step "stepBack" session)))
    (go "continue" (lambda () (dap-continue session (dap--debug-session-thread-id session))))
    (go "reverse continue" (lambda () (dap--step "reverseContinue" session)))
    (go "reverse continue" (lambda () (dap--step "reverseContinue" session)))
    (dap-disconnect session)
    (wait-until "the end of the adapter" (lambda () (not (process-live-p (dap--debug-session-proc session)))))
    (show "ended:" (process-exit-status (dap--debug-session-proc session)))))
